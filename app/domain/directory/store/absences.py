"""Who is not there: leaders who are away for a while, and leaders who have left."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, select

from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.directory.tables import Absence, Assignment, Leader

_BEGUN = (col(Absence.relieved_at).is_(None), col(Absence.from_at) <= NOW, col(Absence.until_at) > NOW)
ANY_BEGUN = any_of(Absence, *_BEGUN)


async def unavailable(tx: Tx, center_id: str) -> set[str]:
    """The leaders of a center to whom nothing is to be handed at this moment."""
    away = select(Absence.leader_id).where(
        Absence.center_id == center_id, col(Absence.from_at) <= tx.now, col(Absence.until_at) > tx.now
    )
    left = select(Leader.id).where(Leader.center_id == center_id, col(Leader.left_at).is_not(None))
    return {*await tx.all(away), *await tx.all(left)}


async def add_absence(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.insert(Absence, [row])


async def absence(tx: Tx, center_id: str, absence_id: str) -> Absence | None:
    return await tx.first(select(Absence).where(Absence.center_id == center_id, Absence.id == absence_id))


async def absences(tx: Tx, center_id: str, *, leader_id: str | None = None) -> list[Absence]:
    """Absences that are not over yet, the next first; of one leader, or of all."""
    query = select(Absence).where(Absence.center_id == center_id, col(Absence.until_at) > tx.now)
    if leader_id is not None:
        query = query.where(Absence.leader_id == leader_id)
    return await tx.all(query.order_by(col(Absence.from_at), col(Absence.id)))


async def delete_absence(tx: Tx, absence_id: str) -> None:
    await tx.run(delete(Absence).where(col(Absence.id) == absence_id))


async def begun(tx: Tx, *, limit: int) -> list[Absence]:
    """Absences that have begun, and whose leaders still have what they had."""
    begun = select(Absence).where(*_BEGUN).order_by(col(Absence.from_at)).limit(limit)
    return await tx.all(begun, {"now": tx.now})


async def relieved(tx: Tx, absence_ids: Sequence[str]) -> None:
    """What these leaders had was passed on."""
    await tx.run(update(Absence).where(col(Absence.id).in_(absence_ids)).values(relieved_at=tx.now))


async def leave(tx: Tx, leader_id: str) -> None:
    """A leader answers for nothing any more; what names him in the history stays."""
    await tx.run(delete(Assignment).where(col(Assignment.leader_id) == leader_id))
    await tx.run(update(Leader).where(col(Leader.id) == leader_id).values(left_at=tx.now, updated_at=tx.now))


async def come_back(tx: Tx, leader_id: str) -> None:
    await tx.run(update(Leader).where(col(Leader.id) == leader_id).values(left_at=None, updated_at=tx.now))
