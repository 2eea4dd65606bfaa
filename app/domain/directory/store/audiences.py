"""Saved audiences, and how many groups one means at this moment."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core import paging
from app.core.db import Tx
from app.domain.directory.store.selection import audience
from app.domain.directory.tables import SavedAudience


async def find(tx: Tx, center_id: str, audience_id: str) -> SavedAudience | None:
    query = select(SavedAudience).where(SavedAudience.center_id == center_id, SavedAudience.id == audience_id)
    return await tx.first(query)


async def named(tx: Tx, center_id: str, name_key: str) -> SavedAudience | None:
    query = select(SavedAudience).where(SavedAudience.center_id == center_id, SavedAudience.name_key == name_key)
    return await tx.first(query)


async def page(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[SavedAudience]:
    query = select(SavedAudience).where(SavedAudience.center_id == center_id)
    query = query.where(col(SavedAudience.id) > (paging.decode(cursor) or ""))
    rows = await tx.all(query.order_by(col(SavedAudience.id)).limit(limit + 1))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def add(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.insert(SavedAudience, [row])


async def change(tx: Tx, audience_id: str, **values: Any) -> None:
    await tx.run(update(SavedAudience).where(col(SavedAudience.id) == audience_id).values(**values))


async def remove(tx: Tx, audience_id: str) -> None:
    await tx.run(delete(SavedAudience).where(col(SavedAudience.id) == audience_id))


async def size(tx: Tx, center_id: str, lists: Mapping[str, list[str]]) -> int:
    """How many active groups these lists mean now."""
    meant = audience(center_id, **lists).subquery()
    return int((await tx.table(columns(func.count()).select_from(meant)))[0][0])
