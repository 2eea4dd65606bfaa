"""Groups and their tags."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, exists, update
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.core import paging
from app.core.bulk import among
from app.core.db import Tx
from app.core.text import comparable
from app.domain.directory import rules
from app.domain.directory.rules.sieve import Sieve
from app.domain.directory.states import GroupStatus, Health
from app.domain.directory.store.bulk import look_up
from app.domain.directory.store.selection import below
from app.domain.directory.tables import Branch, Group, GroupTag


async def targets(tx: Tx, group_ids: Sequence[str]) -> list[Group]:
    """These groups, of whatever center; unknown ids are left out."""
    return await tx.all(select(Group).where(among(col(Group.id), group_ids))) if group_ids else []


_DOOR = ("id", "address", "address_key", "secret_box", "timezone", "health")
_DOORS = columns(*(getattr(Group, name) for name in _DOOR)).where(among(col(Group.id), "ids"))


async def doors(tx: Tx, group_ids: Sequence[str]) -> list[Any]:
    """(id, address, address_key, secret_box, timezone, health) of these groups: what it takes to knock, and when one
    may."""
    return await tx.table(_DOORS, {"ids": group_ids})


async def group(tx: Tx, center_id: str, group_id: str) -> Group | None:
    return await tx.first(select(Group).where(Group.center_id == center_id, Group.id == group_id))


async def groups_page(tx: Tx, center_id: str, sieve: Sieve, *, limit: int, cursor: str | None) -> paging.Page[Group]:
    query = select(Group).where(Group.center_id == center_id, col(Group.id) > (paging.decode(cursor) or ""))
    if sieve.branch is not None:
        query = query.where(col(Group.branch_id).in_(below(center_id, [sieve.branch])))
    if sieve.tag is not None:
        bearers = columns(col(GroupTag.group_id)).where(col(GroupTag.tag_key) == comparable(sieve.tag))
        query = query.where(col(Group.id).in_(bearers))
    if sieve.platform is not None:
        query = query.where(Group.platform == sieve.platform)
    if sieve.status is not None:
        query = query.where(Group.status == sieve.status)
    if sieve.q:
        query = query.where(col(Group.name).icontains(sieve.q, autoescape=True))
    rows = await tx.all(query.order_by(col(Group.id)).limit(limit + 1))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def unarchived(tx: Tx, center_id: str, *, after: str, limit: int) -> list[Any]:
    """(id, name, platform, address_key, status, path) of the center's next groups by id, archived ones left out."""
    names = ("id", "name", "platform", "address_key", "status")
    query = columns(*(col(getattr(Group, name)) for name in names), col(Branch.path))
    query = query.outerjoin(Branch, col(Branch.id) == col(Group.branch_id)).where(
        col(Group.center_id) == center_id, col(Group.status) != GroupStatus.ARCHIVED, col(Group.id) > after
    )
    return await tx.table(query.order_by(col(Group.id)).limit(limit))


def with_ids(center_id: str, ids: Sequence[str]) -> Any:
    """The condition that picks these groups of a center."""
    return (col(Group.center_id) == center_id) & among(col(Group.id), ids)


async def set_status(tx: Tx, which: Any, *, status: GroupStatus, reason: str) -> int:
    """Put the groups that meet this condition where they do not stand yet; answers how many moved."""
    moved = await tx.run(
        update(Group)
        .where(which, col(Group.status) != status)
        .values(status=status, status_reason=reason, updated_at=tx.now)
    )
    return moved.rowcount


async def at_addresses(tx: Tx, center_id: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """The center's groups at these (platform, address_key), as named tuples of all columns."""
    if not keys:
        return {}
    platforms, addresses = zip(*keys, strict=True)
    rows = await look_up(tx, Group, center_id, {"platform": platforms, "address_key": addresses})
    return {(row.platform, row.address_key): row for row in rows}


async def insert_groups(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert groups (every column) together with their tags."""
    await tx.insert(Group, rows)
    await _insert_tags(tx, rows)


async def update_groups(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set every column of these groups but its center and birthday, and their tags."""
    if not rows:
        return
    table = Group.__table__  # type: ignore[attr-defined]
    fixed = {"id", "center_id", "created_at"}
    values: dict[str, Any] = {
        column.name: bindparam(column.name) for column in table.columns if column.name not in fixed
    }
    statement = update(table).where(table.c.id == bindparam("row_id")).values(values)
    await tx.run(statement, [{name: row[name] for name in values} | {"row_id": row["id"]} for row in rows])
    await tx.run(delete(GroupTag).where(col(GroupTag.group_id).in_([row["id"] for row in rows])))
    await _insert_tags(tx, rows)


async def _insert_tags(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    tags = [{"group_id": row["id"], "tag_key": comparable(tag)} for row in rows for tag in row["tags"]]
    await tx.insert(GroupTag, tags)


async def delete_group(tx: Tx, group_id: str) -> None:
    """Raises IntegrityError where a campaign remembers the group."""
    async with tx.savepoint():
        await tx.run(delete(Group).where(col(Group.id) == group_id))


async def move_address(tx: Tx, group_id: str, address: str) -> bool:
    """Follow a chat whose platform gave it a new address (a Telegram group that became a supergroup). False where
    the group is gone, or another group of the center already stands at the new address."""
    found = await tx.first(select(Group).where(Group.id == group_id))
    if found is None:
        return False
    address = rules.clean_address(found.platform, address)
    key = rules.address_key(found.platform, address, found.name)
    other = aliased(Group)
    taken = exists().where(
        col(other.center_id) == found.center_id,
        col(other.platform) == found.platform,
        col(other.address_key) == key,
        col(other.id) != group_id,
    )
    moved = await tx.run(
        update(Group)
        .where(col(Group.id) == group_id, ~taken)
        .values(address=address, address_key=key, health=Health.SOUND, health_reason="", updated_at=tx.now)
    )
    return moved.rowcount == 1
