"""Every SQL statement about relay links."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, outerjoin, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among, each
from app.core.db import Tx
from app.domain.links.tables import PersonalCode, Phone, RelayLink, SharedLink


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.insert(RelayLink, rows)


async def kept(tx: Tx, public_ids: Collection[str]) -> dict[str, Any]:
    """What is kept under each of these public ids: (id, digest, center_id, campaign_id, leader_id, expires_at,
    revoked_at) of a link, living or not; the center follows from it. One row comes back for each, whether there is a
    link or not, for the same work; without one its digest is None."""
    rows = await tx.table(_kept(tx.dialect), {"ids": list(public_ids)}) if public_ids else []
    return {row.id: row for row in rows}


@cache
def _kept(dialect: str) -> Select[Any]:
    asked = each("ids", dialect)
    names = ("digest", "center_id", "campaign_id", "leader_id", "expires_at", "revoked_at")
    facts = columns(asked.label("id"), *(col(getattr(RelayLink, name)) for name in names))
    return facts.select_from(outerjoin(asked.table, RelayLink, col(RelayLink.id) == asked))


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


async def phones(tx: Tx, public_ids: Collection[str]) -> list[Phone]:
    """The phones of these public ids that were not withdrawn."""
    return await tx.all(_PHONES, {"ids": list(public_ids)}) if public_ids else []


_PHONES = select(Phone).where(among(col(Phone.id), "ids"), col(Phone.revoked_at).is_(None))


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
