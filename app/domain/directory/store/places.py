"""A center's head and its main group, and for which day the head was told in the morning."""

from typing import Any

from sqlalchemy import or_, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.db import Tx
from app.core.glance import any_of
from app.domain.directory.tables import Headquarters

ANY_HEAD = any_of(Headquarters, col(Headquarters.head_id).is_not(None))


async def headquarters(tx: Tx, center_id: str) -> Headquarters:
    """The center's own, or one in which nobody is named yet."""
    found = await tx.first(select(Headquarters).where(Headquarters.center_id == center_id))
    return found or Headquarters(center_id=center_id)


async def name_headquarters(tx: Tx, center_id: str, values: dict[str, Any]) -> None:
    """Set `head_id`, `main_group_id` or both."""
    statement = tx.upsert(Headquarters).values(center_id=center_id, **values)
    await tx.run(statement.on_conflict_do_update(index_elements=["center_id"], set_=values))


async def heads(tx: Tx) -> list[Any]:
    """(center_id, head_id, told_for) of every center with a head; `told_for` is a day as 2026-03-02, or nothing."""
    names = ("center_id", "head_id", "told_for")
    query = columns(*(col(getattr(Headquarters, name)) for name in names))
    return await tx.table(query.where(col(Headquarters.head_id).is_not(None)).order_by(col(Headquarters.center_id)))


async def told(tx: Tx, center_id: str, day: str) -> bool:
    """Note that the head was told for this day. False when he was already."""
    noted = await tx.run(
        update(Headquarters)
        .where(
            col(Headquarters.center_id) == center_id,
            or_(col(Headquarters.told_for).is_(None), col(Headquarters.told_for) != day),
        )
        .values(told_for=day)
    )
    return noted.rowcount == 1
