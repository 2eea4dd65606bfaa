"""Every SQL statement about relay links."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.db import Tx
from app.domain.links.tables import PersonalCode, Phone, RelayLink, SharedLink


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


async def add_shared(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.insert(SharedLink, [row])


async def shared(tx: Tx, public_id: str) -> SharedLink | None:
    return await tx.first(select(SharedLink).where(SharedLink.id == public_id))


async def add_phone(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.insert(Phone, [row])


async def phone(tx: Tx, public_id: str) -> Phone | None:
    """The phone of this public id, unless it was withdrawn."""
    return await tx.first(select(Phone).where(Phone.id == public_id, col(Phone.revoked_at).is_(None)))


async def forget_phones(tx: Tx, leader_id: str, *, at: datetime) -> int:
    """No phone speaks for this leader any more, and no code does; answers how many phones did."""
    await tx.run(delete(PersonalCode).where(col(PersonalCode.leader_id) == leader_id))
    forgotten = await tx.run(
        update(Phone).where(col(Phone.leader_id) == leader_id, col(Phone.revoked_at).is_(None)).values(revoked_at=at)
    )
    return forgotten.rowcount


async def set_code(tx: Tx, row: Mapping[str, Any]) -> None:
    """A leader's code, in place of the one he had."""
    statement = tx.upsert(PersonalCode).values(**row)
    fresh = {"digest": row["digest"], "created_at": row["created_at"]}
    await tx.run(statement.on_conflict_do_update(index_elements=["leader_id"], set_=fresh))


async def owner_of_code(tx: Tx, center_id: str, digest: str) -> str | None:
    """The leader whose code this is."""
    return await tx.first(
        select(PersonalCode.leader_id).where(PersonalCode.digest == digest, PersonalCode.center_id == center_id)
    )
