"""The top of a center: who its head is, and for which day he was told in the morning."""

from typing import Any

from sqlalchemy import or_, update
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.db import Tx
from app.domain.directory.tables import Headquarters


async def heads(tx: Tx) -> list[Any]:
    """(center_id, head_id, told_for) of every center with a head; `told_for` is a day as 2026-03-02, or nothing."""
    names = ("center_id", "head_id", "told_for")
    query = columns(*(col(getattr(Headquarters, name)) for name in names))
    return await tx.table(query.where(col(Headquarters.head_id).is_not(None)).order_by(col(Headquarters.center_id)))


async def head(tx: Tx, center_id: str) -> str | None:
    rows = await tx.table(columns(col(Headquarters.head_id)).where(col(Headquarters.center_id) == center_id))
    return rows[0].head_id if rows else None


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
