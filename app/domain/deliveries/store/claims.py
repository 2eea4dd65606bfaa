"""A delivery's moves: taken, finished, settled, dropped; each by one conditional statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.domain.deliveries.rules import AHEAD, LEASE, Claimed, Result
from app.domain.deliveries.states import MOVES, News, State
from app.domain.deliveries.store.gates import closed
from app.domain.deliveries.tables import Delivery, Gate

_SEEN = "id campaign_id relay_id state fence lease_until due_at tries resends message_id"
_STANDING = tuple(getattr(Delivery, name) for name in _SEEN.split())
_CLAIM = (
    update(Delivery)
    .where(
        among(col(Delivery.id), "ids"),
        col(Delivery.state).in_(MOVES.before(News.CLAIMED)),
        col(Delivery.due_at) <= bindparam("by"),
        func.coalesce(col(Delivery.expires_at), col(Delivery.expires_at)) > bindparam("now"),  # by their ids alone
        ~exists().where(
            col(Gate.subject).in_(
                [col(Delivery.center_id), col(Delivery.campaign_id), col(Delivery.account_id), col(Delivery.chat)]
            ),
            closed(bindparam("now")),
        ),
    )
    .values(state=MOVES.after(News.CLAIMED), fence=col(Delivery.fence) + 1, reason="")
    .returning(*(getattr(Delivery, name) for name in Claimed._fields))
)
_LOOK = columns(*_STANDING).where(among(col(Delivery.id), "ids")).order_by(col(Delivery.id)).with_for_update()
_CHANGED = ("id", "state", "reason", "due_at", "lease_until", "tries", "resends", "message_id", "sent_at")


@dataclass(frozen=True)
class Applied:
    """Which results counted, by the state they led to; the others were stale. `found` are those among them that
    settled what had been uncertain."""

    states: Mapping[str, State]
    found: frozenset[str]


async def claim(tx: Tx, delivery_ids: Sequence[str]) -> list[Claimed]:
    """Take these deliveries under a new fence and a lease: only what is due (or will be in a moment), in time, and
    behind no closed gate. Pause, cancel, the kill switch and the deadline are read here, in the same statement."""
    times = {"now": tx.now, "by": tx.now + AHEAD, "lease_until": tx.now + LEASE}
    taken = await tx.run(_CLAIM, {"ids": delivery_ids, **times})
    claimed = [Claimed._make(row) for row in taken]
    await append(tx, [_line(one, State.DUE, MOVES.after(News.CLAIMED), "") for one in claimed])
    return claimed


def _line(one: Any, was: State, became: State, reason: str, actor: str = "muster") -> Move:
    thread = one.relay_id or one.id
    return Move(one.campaign_id, thread, Subject.DELIVERY, one.id, was.value, became.value, actor, reason)


async def finish(tx: Tx, results: Sequence[Result]) -> Applied:
    """Write results down. A result counts if its fence is the row's and the row still waits for it; a late "yes" to
    an uncertain delivery counts as found sent. Everything else is stale and changes nothing."""
    if not results:
        return Applied({}, frozenset())
    told = [result.delivery_id for result in results]
    rows = await tx.table(_LOOK, {"ids": told})
    found = {row.id: row for row in rows}
    changes, lines, states, late = [], [], {}, set()
    for result in results:
        row = found.get(result.delivery_id)
        news = _news_for(row, result)
        if row is None or news is None:
            continue
        became = states[row.id] = MOVES.after(news)
        if row.state is not State.SENDING:
            late.add(row.id)
        lines.append(_line(row, row.state, became, result.reason))
        changes.append(_change(row, result, became, tx.now))
    await tx.update_lines(Delivery, _CHANGED, changes)
    await append(tx, lines)
    return Applied(states, frozenset(late))


def _news_for(row: Any, result: Result) -> News | None:
    """What a result is for the row that it meets, if anything. Where the words went out before without an answer, only
    a yes is an end; whatever else is said now, they may stand."""
    if row is None or row.fence != result.fence or result.lease not in {None, row.lease_until}:
        return None
    if row.state is State.SENDING:
        return News.LINE_LOST if result.news is News.REFUSED and row.resends else result.news
    if row.state in {State.UNCERTAIN, State.DUE} and result.news is News.ACCEPTED:
        return News.FOUND_SENT
    if row.state is State.UNCERTAIN and result.news is News.NOT_SENT and not row.resends:
        return News.FOUND_NOT_SENT
    return None


def _change(row: Any, result: Result, became: State, now: datetime) -> tuple[Any, ...]:
    """The row's values of `_CHANGED`."""
    again = result.news is News.SAY_AGAIN
    return (
        row.id,
        became,
        result.reason,
        result.due_at or row.due_at,
        None,
        row.tries + (1 if result.tried and not again else 0),
        row.resends + (1 if again else 0),
        result.message_id or row.message_id,
        now if became is State.SENT else None,
    )


async def settle(tx: Tx, center_id: str, delivery_id: str, news: News, *, actor: str, reason: str) -> Delivery | None:
    """A human settles an uncertain delivery. None when it is not uncertain (any more)."""
    after = MOVES.after(news)
    moved = await tx.run(
        update(Delivery)
        .where(
            col(Delivery.id) == delivery_id,
            col(Delivery.center_id) == center_id,
            col(Delivery.state) == State.UNCERTAIN,
        )
        .values(state=after, reason=reason, due_at=tx.now, sent_at=tx.now if after is State.SENT else None, resends=0)
        .returning(col(Delivery.id))
    )
    if moved.first() is None:
        return None
    delivery = await tx.first(select(Delivery).where(Delivery.id == delivery_id))
    assert delivery is not None
    await append(tx, [_line(delivery, State.UNCERTAIN, after, reason, actor)])
    return delivery


async def state_of(tx: Tx, center_id: str, delivery_id: str) -> State | None:
    found = await tx.first(select(Delivery).where(Delivery.id == delivery_id, Delivery.center_id == center_id))
    return found.state if found else None


async def abandoned(tx: Tx, *, limit: int) -> list[Claimed]:
    """Deliveries whose lease ran out while they were being sent: nobody will report on them any more."""
    rows = await tx.all(
        select(Delivery)
        .where(Delivery.state == State.SENDING, col(Delivery.lease_until) < tx.now)
        .order_by(col(Delivery.lease_until))
        .limit(limit)
    )
    return [_claimed(row) for row in rows]


def _claimed(row: Delivery) -> Claimed:
    return Claimed(*(getattr(row, name) for name in Claimed._fields))


@dataclass(frozen=True)
class Dropped:
    """What was dropped: how many, the relays that ended with it, and those whose words may stand after all."""

    count: int
    ended: Sequence[str]
    uncertain: Sequence[str]


async def drop(tx: Tx, news: News, *, reason: str, limit: int, campaign_id: str | None = None) -> Dropped:
    """End what will not leave any more: outdated deliveries, or those of a cancelled campaign. What went out before
    without an answer is uncertain from now on."""
    wanted: list[ColumnElement[bool]] = [col(Delivery.state).in_(MOVES.before(news))]
    wanted.append(col(Delivery.campaign_id) == campaign_id if campaign_id else col(Delivery.expires_at) <= tx.now)
    rows = await tx.all(select(Delivery).where(and_(*wanted)).order_by(col(Delivery.id)).limit(limit).with_for_update())
    ended = [row for row in rows if not row.resends]
    unanswered = [row for row in rows if row.resends]
    await end(tx, ended, MOVES.after(news), reason)
    await end(tx, unanswered, MOVES.after(News.LINE_LOST), f"said without an answer, and then {reason}")
    return Dropped(
        len(rows),
        [row.relay_id for row in ended if row.relay_id],
        [row.relay_id for row in unanswered if row.relay_id],
    )


async def end(tx: Tx, rows: Sequence[Delivery], became: State, reason: str) -> None:
    """These rows, which are locked, end so."""
    ids = [row.id for row in rows]
    if ids:
        await tx.run(update(Delivery).where(among(col(Delivery.id), ids)).values(state=became, reason=reason))
        await append(tx, [_line(row, row.state, became, reason) for row in rows])
