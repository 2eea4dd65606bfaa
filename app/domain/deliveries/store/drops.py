"""What will not leave any more: outdated, called off, or bound for a chat that is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, text, update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.core.journal import append
from app.domain.deliveries.rules import standing
from app.domain.deliveries.states import MOVES, STANDS_FOR, Kind, News, State
from app.domain.deliveries.store.claims import line
from app.domain.deliveries.tables import DUE, Delivery

ANY_OUTDATED = any_of(Delivery, text(DUE), col(Delivery.expires_at) <= NOW, by=col(Delivery.expires_at))


@dataclass(frozen=True)
class Dropped:
    """What was dropped: how many, the relays that ended with it, those whose words may stand after all, and those that
    were not taken back. `parts` says of a relay which earlier parts stand in its group, as the end of a sentence."""

    count: int
    ended: Sequence[str]
    uncertain: Sequence[str]
    left_standing: Sequence[str]
    parts: Mapping[str, str]


async def drop(
    tx: Tx,
    news: News,
    *,
    reason: str,
    limit: int,
    campaign_id: str | None = None,
    group_ids: Sequence[str] | None = None,
) -> Dropped:
    """End what will not leave any more: outdated deliveries, or those of a campaign that was called off, everywhere or
    in these groups, but for its recalls. What went out before without an answer is uncertain from now on."""
    wanted: list[ColumnElement[bool] | TextClause] = [col(Delivery.state).in_(MOVES.before(news))]
    if campaign_id:
        wanted += [col(Delivery.campaign_id) == campaign_id, col(Delivery.kind) != Kind.RECALL]
    else:
        wanted += [text(DUE), col(Delivery.expires_at) <= tx.now]
    if group_ids is not None:
        wanted.append(among(col(Delivery.group_id), group_ids))
    return await _drop(tx, news, *wanted, reason=reason, limit=limit)


async def drop_at(tx: Tx, account_id: str, group_id: str, *, reason: str, limit: int) -> Dropped:
    """End what this account was to say in a group that it cannot reach any more. As `drop`."""
    due = col(Delivery.state).in_(MOVES.before(News.TARGET_LOST))
    here = (col(Delivery.account_id) == account_id, col(Delivery.group_id) == group_id)
    return await _drop(tx, News.TARGET_LOST, due, *here, reason=reason, limit=limit)


async def doubt(tx: Tx, *, due_by: datetime, reason: str, limit: int) -> Dropped:
    """What was due by then may have left without a trace: it is uncertain from now on. As `drop`."""
    due = (col(Delivery.state) == State.DUE, col(Delivery.due_at) <= due_by)
    rows = await tx.all(select(Delivery).where(*due).order_by(col(Delivery.id)).limit(limit).with_for_update())
    await end(tx, rows, MOVES.after(News.LINE_LOST), reason)
    stands_for = [row.relay_id for row in rows if row.relay_id and row.kind in STANDS_FOR]
    parts = {row.relay_id: standing(row.part, row.following) for row in rows if row.relay_id and row.part}
    return Dropped(len(rows), [], stands_for, [], parts)


async def _drop(tx: Tx, news: News, *wanted: ColumnElement[bool] | TextClause, reason: str, limit: int) -> Dropped:
    rows = await tx.all(select(Delivery).where(and_(*wanted)).order_by(col(Delivery.id)).limit(limit).with_for_update())
    ended = [row for row in rows if not row.resends]
    unanswered = [row for row in rows if row.resends]
    await end(tx, ended, MOVES.after(news), reason)
    await end(tx, unanswered, MOVES.after(News.LINE_LOST), f"said without an answer, and then {reason}")
    return Dropped(
        len(rows),
        [row.relay_id for row in ended if row.relay_id and row.kind in STANDS_FOR],
        [row.relay_id for row in unanswered if row.relay_id and row.kind in STANDS_FOR],
        [row.relay_id for row in ended if row.relay_id and row.kind is Kind.RECALL],
        {row.relay_id: standing(row.part, row.following) for row in rows if row.relay_id and row.part},
    )


async def end(tx: Tx, rows: Sequence[Any], became: State, reason: str) -> None:
    """These rows, which are locked, end so."""
    ids = [row.id for row in rows]
    if ids:
        await tx.run(update(Delivery).where(among(col(Delivery.id), ids)).values(state=became, reason=reason))
        await append(tx, [line(row, row.state, became, reason) for row in rows])
