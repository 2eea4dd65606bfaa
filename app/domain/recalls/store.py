"""Every SQL statement of recalls."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns
from sqlalchemy import text, update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.core.journal import Move, Subject, append
from app.domain.recalls.states import MOVES, News, State
from app.domain.recalls.tables import TO_BEGIN, Recall

ANY_TO_BEGIN = any_of(Recall, text(TO_BEGIN), col(Recall.look_at) <= NOW)


async def want(tx: Tx, campaign_id: str, relay_ids: Sequence[str], *, actor: str) -> None:
    """Keep the wish that these relays be taken back. One that could not be fulfilled is made anew; any other stands as
    it is."""
    before = {row.relay_id: row.state for row in await _held(tx, relay_ids)}
    fresh = [one for one in relay_ids if one not in before]
    row = {"campaign_id": campaign_id, "state": State.WANTED, "reason": "", "asked_by": actor}
    rows = [{"relay_id": one, **row, "asked_at": tx.now, "look_at": tx.now} for one in fresh]
    await tx.insert(Recall, rows)
    await append(
        tx,
        [Move(campaign_id, one, Subject.RECALL, one, None, State.WANTED.value, actor, "") for one in fresh],
    )
    again = [one for one, state in before.items() if MOVES.allowed(state, News.WANTED_AGAIN)]
    await move(tx, again, News.WANTED_AGAIN, actor=actor, look_at=tx.now, asked_at=tx.now, asked_by=actor)


async def move(
    tx: Tx, relay_ids: Sequence[str], news: News, *, actor: str, reason: str = "", **values: Any
) -> list[str]:
    """Tell these recalls the news, those whose state allows it; answers the relays whose recall moved."""
    was = {row.relay_id: row for row in await _held(tx, relay_ids) if MOVES.allowed(row.state, news)}
    if not was:
        return []
    became = MOVES.after(news)
    moved = await tx.run(
        update(Recall)
        .where(among(col(Recall.relay_id), list(was)), col(Recall.state).in_(MOVES.before(news)))
        .values(state=became, reason=reason, **values)
        .returning(col(Recall.relay_id))
    )
    won = sorted(row.relay_id for row in moved)
    lines = [
        Move(was[one].campaign_id, one, Subject.RECALL, one, was[one].state.value, became.value, actor, reason)
        for one in won
    ]
    await append(tx, lines)
    return won


async def _held(tx: Tx, relay_ids: Sequence[str]) -> list[Any]:
    """(relay_id, campaign_id, state), locked in one order for everybody."""
    return await tx.table(
        columns(col(Recall.relay_id), col(Recall.campaign_id), col(Recall.state))
        .where(among(col(Recall.relay_id), relay_ids))
        .order_by(col(Recall.relay_id))
        .with_for_update()
    )


async def to_begin(tx: Tx, *, limit: int) -> list[Recall]:
    """Wishes that nothing was done about yet, and that it is time to look at."""
    return await tx.all(
        select(Recall).where(text(TO_BEGIN), col(Recall.look_at) <= tx.now).order_by(col(Recall.look_at)).limit(limit)
    )


async def wanted(tx: Tx, relay_ids: Sequence[str]) -> set[str]:
    """Those of these relays that are to be taken back, with nothing done about it yet."""
    rows = await tx.table(
        columns(col(Recall.relay_id)).where(among(col(Recall.relay_id), relay_ids), col(Recall.state) == State.WANTED)
    )
    return {row.relay_id for row in rows}


async def concerned(tx: Tx, relay_ids: Collection[str]) -> set[str]:
    """Those of these relays that somebody wanted taken back, whatever became of it: nobody is to post them any more."""
    rows = await tx.table(columns(col(Recall.relay_id)).where(among(col(Recall.relay_id), sorted(relay_ids))))
    return {row.relay_id for row in rows}


async def stand(tx: Tx, relay_ids: Sequence[str]) -> None:
    """These came to stand after they were, or were to be, taken back: the wish is made anew."""
    reason = "it came to stand there after all"
    if relay_ids:
        await move(tx, relay_ids, News.STANDS, actor="muster", reason=reason, look_at=tx.now, done_at=None)


async def going(tx: Tx, campaign_id: str, *, relay_ids: Sequence[str] | None = None) -> set[str]:
    """Those relays of a campaign, of these or of all, that were taken back or are to be, unless they cannot."""
    query = columns(col(Recall.relay_id)).where(
        col(Recall.campaign_id) == campaign_id, col(Recall.state) != State.IMPOSSIBLE
    )
    rows = await tx.table(query if relay_ids is None else query.where(among(col(Recall.relay_id), relay_ids)))
    return {row.relay_id for row in rows}


async def look_again(tx: Tx, relay_ids: Sequence[str], *, at: datetime) -> None:
    await tx.run(update(Recall).where(among(col(Recall.relay_id), relay_ids)).values(look_at=at))
