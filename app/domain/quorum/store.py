"""Every SQL statement of quorum alarms."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text, update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.quorum.states import MOVES, News
from app.domain.quorum.tables import TO_JUDGE, QuorumAlarm

ANY_TO_JUDGE = any_of(QuorumAlarm, text(TO_JUDGE), QuorumAlarm.due_at <= NOW)


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert alarms; those that already stand are left as they are."""
    await tx.insert(QuorumAlarm, rows, once=True)


async def due(tx: Tx, campaign_ids: Sequence[str], *, limit: int) -> list[QuorumAlarm]:
    """The alarms of these campaigns whose time has come, the oldest first."""
    waiting = select(QuorumAlarm).where(
        text(TO_JUDGE), QuorumAlarm.due_at <= tx.now, among(col(QuorumAlarm.campaign_id), campaign_ids)
    )
    return await tx.all(waiting.order_by(col(QuorumAlarm.due_at), col(QuorumAlarm.id)).limit(limit))


async def judge(tx: Tx, alarm_id: str, news: News, *, done: int, total: int) -> bool:
    """Write down how it stood. False when somebody else did already."""
    judged = await tx.run(
        update(QuorumAlarm)
        .where(col(QuorumAlarm.id) == alarm_id, among(col(QuorumAlarm.state), MOVES.before(news)))
        .values(state=MOVES.after(news), done=done, total=total, judged_at=tx.now)
    )
    return judged.rowcount == 1
