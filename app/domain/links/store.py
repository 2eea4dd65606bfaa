"""Every SQL statement about relay links."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.db import Tx
from app.domain.links.tables import RelayLink


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.insert(RelayLink, rows)


async def digest_of(tx: Tx, public_id: str) -> str | None:
    """The digest kept under this public id. One row comes back whether there is one or not, for the same work."""
    kept = select(RelayLink.digest).where(RelayLink.id == public_id).scalar_subquery()
    [row] = await tx.table(columns(kept))
    digest: str | None = row[0]
    return digest


async def find(tx: Tx, public_id: str) -> RelayLink | None:
    """The link with this public id, living or not; the center follows from the link."""
    return await tx.first(select(RelayLink).where(RelayLink.id == public_id))


async def revoke(tx: Tx, campaign_id: str, leader_id: str, *, at: datetime) -> int:
    """Withdraw every living link of this leader in this campaign; answers how many there were."""
    return await _revoke(tx, col(RelayLink.campaign_id) == campaign_id, col(RelayLink.leader_id) == leader_id, at=at)


async def revoke_all(tx: Tx, leader_id: str, *, at: datetime) -> int:
    """Withdraw every living link of this leader; answers how many there were."""
    return await _revoke(tx, col(RelayLink.leader_id) == leader_id, at=at)


async def _revoke(tx: Tx, *whose: ColumnElement[bool], at: datetime) -> int:
    withdrawn = await tx.run(update(RelayLink).where(*whose, col(RelayLink.revoked_at).is_(None)).values(revoked_at=at))
    return withdrawn.rowcount
