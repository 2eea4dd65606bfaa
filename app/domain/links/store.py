"""Every SQL statement about relay links."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from app.core.db import Tx
from app.domain.links.tables import RelayLink


async def create(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    await tx.insert(RelayLink, rows)


async def find(tx: Tx, public_id: str) -> RelayLink | None:
    """The link with this public id, living or not; the center follows from the link."""
    return await tx.first(select(RelayLink).where(RelayLink.id == public_id))


async def revoke(tx: Tx, campaign_id: str, leader_id: str, *, at: datetime) -> int:
    """Withdraw every living link of this leader in this campaign; answers how many there were."""
    withdrawn = await tx.run(
        update(RelayLink)
        .where(
            col(RelayLink.campaign_id) == campaign_id,
            col(RelayLink.leader_id) == leader_id,
            col(RelayLink.revoked_at).is_(None),
        )
        .values(revoked_at=at)
    )
    return withdrawn.rowcount
