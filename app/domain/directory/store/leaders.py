"""Leaders, and what each one is assigned to."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core import paging
from app.core.bulk import among
from app.core.db import Tx
from app.domain.directory.store.bulk import look_up
from app.domain.directory.tables import Assignment, Leader

SLICE = 10_000


async def people(tx: Tx, leader_ids: Sequence[str]) -> list[Leader]:
    """These leaders, of whatever center; unknown ids are left out."""
    return await tx.all(_PEOPLE, {"ids": leader_ids}) if leader_ids else []


_PEOPLE = select(Leader).where(among(col(Leader.id), "ids"))


async def names(tx: Tx, leader_ids: Sequence[str]) -> dict[str, str]:
    """What these leaders are called, by their ids; unknown ones are left out."""
    rows = await tx.table(_NAMES, {"ids": leader_ids}) if leader_ids else []
    return {row.id: row.name for row in rows}


_NAMES = columns(col(Leader.id), col(Leader.name)).where(among(col(Leader.id), "ids"))


async def contacts(tx: Tx, center_id: str, kind: str, values: Sequence[str]) -> dict[str, str]:
    """Who of the center is reached at these contacts of one kind: `{contact: leader's id}`."""
    query = columns(col(Leader.contact), col(Leader.id)).where(
        col(Leader.center_id) == center_id, col(Leader.contact_kind) == kind, among(col(Leader.contact), values)
    )
    return {row.contact: row.id for row in await tx.table(query.order_by(col(Leader.id).desc()))}


async def leader(tx: Tx, center_id: str, leader_id: str) -> Leader | None:
    return await tx.first(select(Leader).where(Leader.center_id == center_id, Leader.id == leader_id))


async def leaders_named(tx: Tx, center_id: str, name_keys: Sequence[str]) -> dict[str, Any]:
    """Leaders by comparable name, as rows of their columns."""
    found = {}
    for start in range(0, len(name_keys), SLICE):
        keys = name_keys[start : start + SLICE]
        rows = await look_up(tx, Leader, center_id, {"name_key": keys})
        found.update({row.name_key: row for row in rows})
    return found


async def leaders_page(tx: Tx, center_id: str, *, q: str | None, limit: int, cursor: str | None) -> paging.Page[Leader]:
    query = select(Leader).where(Leader.center_id == center_id, col(Leader.id) > (paging.decode(cursor) or ""))
    if q:
        query = query.where(col(Leader.name).icontains(q, autoescape=True))
    rows = await tx.all(query.order_by(col(Leader.id)).limit(limit + 1))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def insert_leaders(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.insert(Leader, rows)


async def update_leaders(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set name, contact and language of these leaders: every column but center and birthday."""
    if not rows:
        return
    table = Leader.__table__  # type: ignore[attr-defined]
    names = ("name", "name_key", "contact_kind", "contact", "contact_box", "language", "updated_at")
    statement = update(table).where(table.c.id == bindparam("row_id")).values({n: bindparam(n) for n in names})
    await tx.run(statement, [{name: row[name] for name in names} | {"row_id": row["id"]} for row in rows])


async def delete_leader(tx: Tx, leader_id: str) -> None:
    """Raises IntegrityError where a campaign remembers the leader."""
    async with tx.savepoint():
        await tx.run(delete(Leader).where(col(Leader.id) == leader_id))


async def assignment(tx: Tx, center_id: str, assignment_id: str) -> Assignment | None:
    query = select(Assignment).where(Assignment.center_id == center_id, Assignment.id == assignment_id)
    return await tx.first(query)


async def assigned(
    tx: Tx, *, leader_id: str, group_id: str | None = None, branch_id: str | None = None
) -> Assignment | None:
    """This leader's assignment to this group or this branch."""
    query = select(Assignment).where(
        Assignment.leader_id == leader_id, Assignment.group_id == group_id, Assignment.branch_id == branch_id
    )
    return await tx.first(query)


async def assignments_page(
    tx: Tx, center_id: str, *, leader: str | None, group: str | None, branch: str | None, limit: int, cursor: str | None
) -> paging.Page[Assignment]:
    query = select(Assignment).where(Assignment.center_id == center_id)
    query = query.where(col(Assignment.id) > (paging.decode(cursor) or ""))
    for column, wanted in (
        (Assignment.leader_id, leader),
        (Assignment.group_id, group),
        (Assignment.branch_id, branch),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    rows = await tx.all(query.order_by(col(Assignment.id)).limit(limit + 1))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def insert_assignments(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.insert(Assignment, rows)


async def rank(tx: Tx, assignment_id: str, rank: int) -> None:
    await tx.run(update(Assignment).where(col(Assignment.id) == assignment_id).values(rank=rank))


async def delete_assignment(tx: Tx, assignment_id: str) -> None:
    await tx.run(delete(Assignment).where(col(Assignment.id) == assignment_id))


async def delete_assignments(tx: Tx, group_ids: Sequence[str]) -> None:
    """Take every leader off these groups."""
    if group_ids:
        await tx.run(delete(Assignment).where(col(Assignment.group_id).in_(group_ids)))
