"""A delivery's moves: taken, finished, settled, dropped; each by one conditional statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, exists, func, text, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.core.journal import Move, Subject, append
from app.domain.deliveries.rules import AHEAD, LEASE, Claimed, Result
from app.domain.deliveries.states import MOVES, News, State
from app.domain.deliveries.store.gates import BEHIND, closed
from app.domain.deliveries.store.parts import follow
from app.domain.deliveries.tables import SENDING, Delivery, Gate

_SEEN = "id campaign_id relay_id state fence lease_until due_at tries resends message_id following"
_STANDING = tuple(getattr(Delivery, name) for name in _SEEN.split())
_CLAIM = (
    update(Delivery)
    .where(
        among(col(Delivery.id), "ids"),
        col(Delivery.state).in_(MOVES.before(News.CLAIMED)),
        col(Delivery.due_at) <= bindparam("by"),
        func.coalesce(col(Delivery.expires_at), col(Delivery.expires_at)) > NOW,  # by their ids alone
        ~exists().where(
            col(Gate.subject).in_(BEHIND),
            closed(NOW),
        ),
    )
    .values(
        state=MOVES.after(News.CLAIMED),
        fence=col(Delivery.fence) + 1,
        begun_at=case((col(Delivery.resends) > 0, func.coalesce(col(Delivery.begun_at), NOW)), else_=NOW),
        reason="",
    )
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
    behind no closed gate. Pause, cancel, the kill switch, recalls and the deadline are read here, in one statement."""
    times = {"now": tx.now, "by": tx.now + AHEAD, "lease_until": tx.now + LEASE}
    taken = await tx.run(_CLAIM, {"ids": delivery_ids, **times})
    claimed = [Claimed._make(row) for row in taken]
    await append(tx, [line(one, State.DUE, MOVES.after(News.CLAIMED), "") for one in claimed])
    return claimed


def line(one: Any, was: State, became: State, reason: str, actor: str = "muster") -> Move:
    """The journal's line about a delivery's move."""
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
    changes, lines, states, late, followed = [], [], {}, set(), []
    for result in results:
        row = found.get(result.delivery_id)
        news = _news_for(row, result)
        if row is None or news is None:
            continue
        became = states[row.id] = MOVES.after(news)
        if row.state is not State.SENDING:
            late.add(row.id)
        if became is State.SENT and row.following:
            followed.append(row.id)
        lines.append(line(row, row.state, became, result.reason))
        changes.append(_change(row, result, became, tx.now))
    await tx.update_lines(Delivery, _CHANGED, changes)
    await append(tx, lines)
    if followed:
        await follow(tx, followed)
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


async def settle(
    tx: Tx,
    center_id: str,
    delivery_id: str,
    news: News,
    *,
    actor: str,
    reason: str,
    was: State = State.UNCERTAIN,
    message_id: str | None = None,
) -> Delivery | None:
    """A human or a receipt settles an uncertain delivery, or one that is to be said again. None when it is not in the
    state it `was` in (any more)."""
    after = MOVES.after(news)
    values = {"state": after, "reason": reason, "due_at": tx.now, "resends": 0}
    values |= {"sent_at": tx.now if after is State.SENT else None} | ({"message_id": message_id} if message_id else {})
    moved = await tx.run(
        update(Delivery)
        .where(
            col(Delivery.id) == delivery_id,
            col(Delivery.center_id) == center_id,
            col(Delivery.state) == was,
        )
        .values(**values)
        .returning(col(Delivery.id))
    )
    if moved.first() is None:
        return None
    delivery = await tx.first(select(Delivery).where(Delivery.id == delivery_id))
    assert delivery is not None
    await append(tx, [line(delivery, was, after, reason, actor)])
    if after is State.SENT and delivery.following:
        await follow(tx, [delivery_id])
    return delivery


async def state_of(tx: Tx, center_id: str, delivery_id: str) -> State | None:
    found = await tx.first(select(Delivery).where(Delivery.id == delivery_id, Delivery.center_id == center_id))
    return found.state if found else None


async def campaign_of(tx: Tx, delivery_id: str) -> str | None:
    campaign_id: str | None = await tx.first(select(Delivery.campaign_id).where(Delivery.id == delivery_id))
    return campaign_id


async def of_account(tx: Tx, account_id: str, delivery_id: str) -> Delivery | None:
    """This delivery, if it is this account's to say."""
    return await tx.first(select(Delivery).where(Delivery.id == delivery_id, Delivery.account_id == account_id))


_ABANDONED = (text(SENDING), col(Delivery.lease_until) < NOW)
ANY_ABANDONED = any_of(Delivery, *_ABANDONED, by=col(Delivery.lease_until))


async def abandoned(tx: Tx, *, limit: int) -> list[Claimed]:
    """Deliveries whose lease ran out while they were being sent: nobody will report on them any more."""
    oldest = select(Delivery).where(*_ABANDONED).order_by(col(Delivery.lease_until)).limit(limit)
    rows = await tx.all(oldest, {"now": tx.now})
    return [_claimed(row) for row in rows]


def _claimed(row: Delivery) -> Claimed:
    return Claimed(*(getattr(row, name) for name in Claimed._fields))
