"""The ledger's rows: planned, moved, handed off, confirmed, counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, text, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.core.journal import Move, Subject, append
from app.domain.relays.rules import WRONG, Shown
from app.domain.relays.states import MOVES, OPEN, News, Route, State
from app.domain.relays.tables import AWAITED, TO_HAND_OFF, Confirmation, Relay

_OF_A_WORD = ("relay_id", "leader_id", "action", "proof", "picture_id", "moved", "at")


async def move(
    tx: Tx,
    relay_ids: Sequence[str],
    news: News,
    *,
    actor: str | Mapping[str, str],
    reason: str = "",
    only: State | None = None,
    standing: Mapping[str, State] | None = None,
    **values: Any,
) -> list[str]:
    """Tell these relays the news. Moves exactly those whose state allows it (with `only`, those in this one state)
    and appends one journal line each; answers the ids that moved. `actor` is who tells them, one for all or by relay;
    `standing` tells how they stand where the caller holds their rows; `values` are further columns to set on them."""
    states = [state for state in MOVES.before(news) if only in {None, state}]
    if not relay_ids or not states:
        return []
    was = dict.fromkeys(relay_ids, states[0])
    if standing is not None:
        was = {one: standing[one] for one in relay_ids if standing[one] in states}
    elif len(states) > 1:
        was = await _standing(tx, relay_ids, states)
    became = MOVES.after(news)
    changed = {"state": became, "reason": reason, "changed_at": tx.now, **values}
    moved = await tx.run(_MOVE, {"ids": list(was), "states": states, **changed})
    won = {row.id: row.campaign_id for row in moved}
    who = dict.fromkeys(won, actor) if isinstance(actor, str) else actor
    lines = [
        Move(won[one], one, Subject.RELAY, one, was[one].value, became.value, who[one], reason)
        for one in relay_ids
        if one in won
    ]
    await append(tx, lines)
    return [line.subject_id for line in lines]


_MOVE = (
    update(Relay)
    .where(among(col(Relay.id), "ids"), among(col(Relay.state), "states"))
    .returning(col(Relay.id), col(Relay.campaign_id))
)


async def _standing(tx: Tx, relay_ids: Sequence[str], states: Sequence[State]) -> dict[str, State]:
    """Which of these relays stand in which of these states; their rows are locked, in one order for everybody."""
    rows = await tx.table(_STANDING, {"ids": relay_ids, "states": states})
    return {row.id: row.state for row in rows}


_STANDING = (
    columns(col(Relay.id), col(Relay.state))
    .where(among(col(Relay.id), "ids"), among(col(Relay.state), "states"))
    .order_by(col(Relay.id))
    .with_for_update()
)


def confirm(tx: Tx, confirmations: Sequence[Mapping[str, Any]]) -> None:
    """Keep what people said, whether or not it moved anything; it is written just before the commit."""
    if confirmations:
        names = tuple(confirmations[0])
        tx.at_end(Confirmation, names, [[one[name] for name in names] for one in confirmations])


async def shown(tx: Tx, relay_ids: Sequence[str]) -> defaultdict[str, Shown]:
    """What was shown so far of each of these relays."""
    found: defaultdict[str, Shown] = defaultdict(Shown)
    for row in await tx.table(_SHOWN, {"ids": relay_ids}) if relay_ids else ():
        was = found[row.relay_id]
        if row.proof == WRONG:
            was = replace(was, wrong=was.wrong + 1)
        if row.picture_id:
            was = replace(was, pictures=(*was.pictures, row.picture_id), at=row.at)
        found[row.relay_id] = replace(was, done=row.leader_id) if row.moved and row.action == "done" else was
    return found


_SHOWN = (
    columns(*(col(getattr(Confirmation, name)) for name in _OF_A_WORD))
    .where(
        among(col(Confirmation.relay_id), "ids"),
        (col(Confirmation.proof) == WRONG) | col(Confirmation.picture_id).is_not(None) | col(Confirmation.moved),
    )
    .order_by(col(Confirmation.at), col(Confirmation.id))
)


async def showing(tx: Tx, picture_ids: Sequence[str]) -> set[str]:
    """Those of these pictures that somebody showed as his proof."""
    shown = columns(col(Confirmation.picture_id)).where(among(col(Confirmation.picture_id), picture_ids)).distinct()
    return {row.picture_id for row in await tx.table(shown)}


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert relays, of which none may stand yet: whoever plans them holds their campaign, and moves its cursor."""
    await tx.insert(Relay, rows)


async def learn(tx: Tx) -> None:
    """There are many new relays: let the database take that into account."""
    await tx.learn(Relay)


async def to_hand_off(tx: Tx, campaign_ids: Sequence[str], *, limit: int) -> list[Any]:
    """(campaign_id, leader_id) of leaders who are to be asked now in these campaigns, each pair once; without a leader
    where there is something that nobody has."""
    return await tx.table(
        columns(col(Relay.campaign_id), col(Relay.leader_id))
        .where(text(TO_HAND_OFF), col(Relay.starts_at) <= tx.now, among(col(Relay.campaign_id), campaign_ids))
        .distinct()
        .limit(limit)
    )


async def waiting_for(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> list[Relay]:
    """Planned relays these leaders are to be asked for now."""
    return await tx.all(
        select(Relay)
        .where(
            Relay.campaign_id == campaign_id,
            among(col(Relay.leader_id), leader_ids),
            Relay.state == State.PLANNED,
            Relay.route == Route.LEADER,
            col(Relay.waits_for).is_(None),
            col(Relay.asked_by).is_(None),
            Relay.starts_at <= tx.now,
        )
        .order_by(col(Relay.group_id))
    )


_OVERDUE = (text(AWAITED), col(Relay.state).in_(MOVES.before(News.OVERDUE)), Relay.deadline_at <= NOW)
ANY_OVERDUE = any_of(Relay, *_OVERDUE, by=col(Relay.deadline_at))
ANY_TO_HAND_OFF = any_of(Relay, text(TO_HAND_OFF), col(Relay.starts_at) <= NOW, by=col(Relay.starts_at))


async def overdue(tx: Tx, now: datetime, *, limit: int) -> list[Relay]:
    """Leaders' open relays whose deadline has passed. What a bot is to post ends with its delivery."""
    return await tx.all(select(Relay).where(*_OVERDUE).order_by(col(Relay.deadline_at)).limit(limit), {"now": now})


async def hush(tx: Tx, campaign_id: str) -> None:
    """The policy has nothing left to do in this campaign."""
    await tx.run(
        update(Relay)
        .where(col(Relay.campaign_id) == campaign_id, col(Relay.next_step_at).is_not(None))
        .values(next_step_at=None)
    )


async def leaders_of(tx: Tx, campaign_id: str) -> list[Any]:
    """(leader_id, groups, still_open) of everyone who was, or is to be, asked in this campaign."""
    still_open = func.sum(case((col(Relay.state).in_(OPEN), 1), else_=0))
    return await tx.table(
        columns(col(Relay.leader_id), func.count().label("groups"), still_open.label("still_open"))
        .where(
            col(Relay.campaign_id) == campaign_id,
            col(Relay.route) == Route.LEADER,
            col(Relay.leader_id).is_not(None),
        )
        .group_by(col(Relay.leader_id))
    )
