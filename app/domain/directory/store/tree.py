"""The tree: branches, and the lock under which a center's directory is edited."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core import paging
from app.core.bulk import among
from app.core.db import Tx
from app.domain.directory.tables import Branch, Group


async def lock(tx: Tx, center_id: str) -> None:
    """Hold the center's directory until the transaction ends, so that what was read about the tree still holds when
    it is written. On SQLite a writing transaction holds everything already; on PostgreSQL this takes an advisory
    lock of our own, which nobody who merely refers to the center has to wait for."""
    if tx.dialect == "postgresql":
        digest = hashlib.blake2b(f"directory:{center_id}".encode(), digest_size=8).digest()
        await tx.table(columns(func.pg_advisory_xact_lock(int.from_bytes(digest, signed=True))))


async def branches(tx: Tx, center_id: str) -> list[Branch]:
    """All branches of a center."""
    return await tx.all(select(Branch).where(Branch.center_id == center_id).order_by(col(Branch.id)))


async def branch(tx: Tx, center_id: str, branch_id: str) -> Branch | None:
    return await tx.first(select(Branch).where(Branch.center_id == center_id, Branch.id == branch_id))


async def branch_at(tx: Tx, center_id: str, path_key: str) -> Branch | None:
    return await tx.first(select(Branch).where(Branch.center_id == center_id, Branch.path_key == path_key))


async def branches_page(
    tx: Tx, center_id: str, *, parent_id: str | None, limit: int, cursor: str | None
) -> paging.Page[Branch]:
    query = select(Branch).where(Branch.center_id == center_id, col(Branch.id) > (paging.decode(cursor) or ""))
    if parent_id is not None:
        query = query.where(Branch.parent_id == parent_id)
    rows = await tx.all(query.order_by(col(Branch.id)).limit(limit + 1))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def path_keys(tx: Tx, center_id: str) -> dict[str, str]:
    """`{path_key: id}` of the whole tree."""
    rows = await tx.table(columns(col(Branch.path_key), col(Branch.id)).where(col(Branch.center_id) == center_id))
    return {row.path_key: row.id for row in rows}


async def parents(tx: Tx, center_id: str) -> dict[str, str | None]:
    """`{id: parent's id}` of the whole tree."""
    rows = await tx.table(columns(col(Branch.id), col(Branch.parent_id)).where(col(Branch.center_id) == center_id))
    return {row.id: row.parent_id for row in rows}


async def paths(tx: Tx, branch_ids: Sequence[str]) -> dict[str, str]:
    """The whole way from the top to each of these branches."""
    rows = await tx.table(columns(col(Branch.id), col(Branch.path)).where(among(col(Branch.id), branch_ids)))
    return {row.id: row.path for row in rows}


async def names(tx: Tx, center_id: str) -> list[Any]:
    """`(id, parent_id, name)` of the whole tree."""
    query = columns(col(Branch.id), col(Branch.parent_id), col(Branch.name))
    return await tx.table(query.where(col(Branch.center_id) == center_id))


async def insert_branches(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.insert(Branch, rows)


async def place(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set where these branches stand: `{row_id, parent_id, name, path, path_key}` each."""
    table = Branch.__table__  # type: ignore[attr-defined]
    names = ("parent_id", "name", "path", "path_key")
    statement = update(table).where(table.c.id == bindparam("row_id")).values({n: bindparam(n) for n in names})
    await tx.run(statement, rows)


async def hangs(tx: Tx, branch_id: str) -> str | None:
    """What still hangs in a branch: `branches`, `groups` or nothing."""
    if await tx.first(select(Branch.id).where(Branch.parent_id == branch_id)):
        return "branches"
    return "groups" if await tx.first(select(Group.id).where(Group.branch_id == branch_id)) else None


async def delete_branch(tx: Tx, branch_id: str) -> None:
    """Raises IntegrityError where a relay remembers the branch."""
    async with tx.savepoint():
        await tx.run(delete(Branch).where(col(Branch.id) == branch_id))
