"""Absences: a leader is away for a while."""

from datetime import datetime

from app.core import audit, ids
from app.core.db import Tx
from app.core.errors import Invalid, NotFound
from app.domain.directory.store import absences as store
from app.domain.directory.tables import Absence, Leader

Row = Absence


async def add(tx: Tx, leader: Leader, *, from_at: datetime, until_at: datetime, reason: str, actor: str) -> Absence:
    """Raises Invalid for one that is over, or ends before it begins."""
    if until_at <= from_at:
        raise Invalid.field("/until", "An absence ends after it begins.")
    if until_at <= tx.now:
        raise Invalid.field("/until", "This absence is over already.")
    row = Absence(
        id=ids.new("abs"),
        center_id=leader.center_id,
        leader_id=leader.id,
        from_at=from_at,
        until_at=until_at,
        reason=reason,
        created_at=tx.now,
    )
    await store.add_absence(tx, row.model_dump())
    await audit.note(
        tx, leader.center_id, actor=actor, action="absence.create", subject=leader.id, until=until_at.isoformat()
    )
    return row


async def listed(tx: Tx, center_id: str, *, leader_id: str | None = None) -> list[Absence]:
    """Those that are not over, the next first."""
    return await store.absences(tx, center_id, leader_id=leader_id)


async def end(tx: Tx, center_id: str, absence_id: str, *, actor: str) -> None:
    """The leader is there (again), or never goes. Raises NotFound."""
    found = await store.absence(tx, center_id, absence_id)
    if found is None:
        raise NotFound("absence_unknown", "There is no such absence.")
    await store.delete_absence(tx, absence_id)
    await audit.note(tx, center_id, actor=actor, action="absence.delete", subject=found.leader_id)
