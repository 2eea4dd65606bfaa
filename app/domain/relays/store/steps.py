"""The escalation policy's place in each relay: which step is due, and that each is taken once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, not_, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among, each
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.relays.states import STEPPED, Route, State
from app.domain.relays.tables import Relay

_HOLDER = func.coalesce(col(Relay.leader_id), "")
_TO_DO = (
    col(Relay.state).in_((State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)),
    col(Relay.route) == Route.LEADER,
)
_STEPPED = (col(Relay.state).in_(STEPPED), col(Relay.route) == Route.LEADER)
_ENDED = (State.FAILED, State.MISSED)
_FALLEN = (col(Relay.state).in_(_ENDED), col(Relay.route) == Route.BOT)

ANY_STEP_DUE = any_of(Relay, *_STEPPED, col(Relay.next_step_at) <= NOW, by=col(Relay.next_step_at))
ANY_FALLEN = any_of(Relay, *_FALLEN, col(Relay.next_step_at) <= NOW, by=col(Relay.next_step_at))


async def step_due(tx: Tx, *, besides: Collection[str], limit: int) -> list[Any]:
    """(campaign_id, leader_id) of those for whose relays the policy has something to do now, the longest due first;
    not in the campaigns `besides`. The leader is empty where nobody has the relay."""
    return await tx.table(
        columns(col(Relay.campaign_id), _HOLDER.label("leader_id"))
        .where(*_STEPPED, col(Relay.next_step_at) <= tx.now, not_(among(col(Relay.campaign_id), besides)))
        .group_by(col(Relay.campaign_id), _HOLDER)
        .order_by(func.min(col(Relay.next_step_at)))
        .limit(limit)
    )


async def due_of(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> list[Relay]:
    """Every relay these leaders have in a campaign for which the policy has something to do now, locked."""
    due = (col(Relay.campaign_id) == campaign_id, col(Relay.next_step_at) <= tx.now)
    ids = await tx.all(select(Relay.id).where(among(col(Relay.leader_id), leader_ids), *due))
    if "" in leader_ids:
        ids += await tx.all(select(Relay.id).where(col(Relay.leader_id).is_(None), *due))
    return await _locked(tx, ids, *_STEPPED, *due)


async def _locked(tx: Tx, relay_ids: Sequence[str], *still: ColumnElement[bool]) -> list[Relay]:
    """Those of these relays of which this still holds, locked in the order of their ids. Found first and locked then:
    asked for both at once, SQLite would go through all relays in the order of their ids."""
    if not relay_ids:
        return []
    found = select(Relay).where(among(col(Relay.id), relay_ids), *still)
    return await tx.all(found.order_by(col(Relay.id)).with_for_update())


def _soon(tx: Tx, leader_ids: Sequence[str], until: datetime) -> tuple[ColumnElement[bool], ...]:
    moment = (col(Relay.next_step_at) > tx.now, col(Relay.next_step_at) <= until)
    return (among(col(Relay.leader_id), leader_ids), *_TO_DO, *moment)


async def stirring_soon(tx: Tx, leader_ids: Sequence[str], *, until: datetime) -> list[str]:
    """The campaigns in which the policy has something to do soon, but not yet, for what these leaders still have."""
    return await tx.all(select(Relay.campaign_id).where(*_soon(tx, leader_ids, until)).distinct())


async def due_soon(tx: Tx, campaign_ids: Sequence[str], leader_ids: Sequence[str], *, until: datetime) -> list[Relay]:
    """What these leaders still have to do in these campaigns and for which the policy has something to do soon, but not
    yet; locked. What somebody else holds is left out: it may be done."""
    soon = select(Relay).where(*_soon(tx, leader_ids, until), among(col(Relay.campaign_id), campaign_ids))
    return await tx.all(soon.order_by(col(Relay.id)).with_for_update(skip_locked=True))


async def still_open(tx: Tx, campaign_id: str, leader_id: str) -> list[Relay]:
    """What this leader was asked for in a campaign and has not answered."""
    his = (col(Relay.leader_id) == leader_id, col(Relay.campaign_id) == campaign_id)
    return await tx.all(select(Relay).where(*his, *_TO_DO).order_by(col(Relay.id)))


async def some(tx: Tx, center_id: str, relay_ids: Sequence[str]) -> list[Relay]:
    """These relays of a center, as they stand; unknown ids are left out."""
    return await tx.all(
        select(Relay).where(Relay.center_id == center_id, among(col(Relay.id), relay_ids)).order_by(col(Relay.id))
    )


async def take(tx: Tx, center_id: str, relay_ids: Sequence[str]) -> list[Relay]:
    """These relays of a center, locked until the transaction ends; unknown ids are left out."""
    return await tx.all(
        select(Relay)
        .where(Relay.center_id == center_id, among(col(Relay.id), relay_ids))
        .order_by(col(Relay.id))
        .with_for_update()
    )


async def step_taken(tx: Tx, relay_ids: Sequence[str], *, steps_taken: int, next_step_at: datetime | None) -> list[str]:
    """Advance the policy of these relays by one step, each at most once; answers the ids that advanced."""
    advanced = await tx.run(
        update(Relay)
        .where(
            among(col(Relay.id), relay_ids),
            col(Relay.steps_taken) == steps_taken - 1,
            col(Relay.state).in_(STEPPED),
        )
        .values(steps_taken=steps_taken, next_step_at=next_step_at)
        .returning(col(Relay.id))
    )
    return [row.id for row in advanced]


async def quieten(tx: Tx, relay_ids: Sequence[str], *, next_step_at: datetime | None) -> None:
    """The policy has nothing to do for these relays before then, or ever."""
    await tx.run(update(Relay).where(among(col(Relay.id), relay_ids)).values(next_step_at=next_step_at))


async def go_on(tx: Tx, relay_id: str, *, steps_taken: int, next_step_at: datetime | None) -> None:
    """The policy goes on from this place for whoever was given it."""
    values = {"steps_taken": steps_taken, "next_step_at": next_step_at}
    await tx.run(update(Relay).where(col(Relay.id) == relay_id).values(**values))


async def reminded(tx: Tx, relay_ids: Sequence[str]) -> None:
    """Count one nudge for each of these relays."""
    await tx.run(update(Relay).where(among(col(Relay.id), relay_ids)).values(nudges=col(Relay.nudges) + 1))


def _fallen(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    return (*_FALLEN, col(Relay.next_step_at) <= tx.now)


async def with_fallen(tx: Tx, *, besides: Collection[str]) -> list[str]:
    """The campaigns, but for these, in which there are relays that no account can post, and of which nobody has decided
    yet what becomes of them."""
    others = not_(among(col(Relay.campaign_id), besides))
    return await tx.all(select(Relay.campaign_id).where(*_fallen(tx), others).distinct())


async def fallen(tx: Tx, campaign_ids: Collection[str], *, limit: int) -> list[Relay]:
    """Those of these campaigns, locked."""
    ids = select(Relay.id).where(*_fallen(tx), among(col(Relay.campaign_id), campaign_ids))
    return await _locked(tx, await tx.all(ids.order_by(col(Relay.next_step_at)).limit(limit)), *_fallen(tx))


async def give_back(tx: Tx, relay_ids: Sequence[str]) -> None:
    """Those of these that were missed because no account posted them as the last resort fall back to their leaders."""
    resorts = (col(Relay.state) == State.MISSED, col(Relay.route) == Route.BOT, col(Relay.assigned_at).is_not(None))
    await tx.run(update(Relay).where(among(col(Relay.id), relay_ids), *resorts).values(next_step_at=tx.now))


async def hand_back(tx: Tx, relay_id: str, *, next_step_at: datetime | None) -> None:
    """No account could post it as the last resort, or none did in time: it is its leader's again, and failed or missed
    as before."""
    await tx.run(
        update(Relay)
        .where(col(Relay.id) == relay_id, col(Relay.state).in_(_ENDED))
        .values(route=Route.LEADER, next_step_at=next_step_at)
    )


async def waited_for(tx: Tx, campaign_id: str, leader_ids: Sequence[str], *, besides: Sequence[str] = ()) -> set[str]:
    """Those of these leaders for whose word anything in this campaign still waits, besides these relays. Looked up
    leader by leader: asked for all at once, SQLite would go through every open relay of the campaign."""
    about = {"ids": leader_ids, "campaign": campaign_id, "besides": besides}
    rows = await tx.table(_waited_for(tx.dialect), about)
    return {leader_id for (leader_id,) in rows}


@cache
def _waited_for(dialect: str) -> Select[Any]:
    leader = each("ids", dialect)
    waiting = columns(col(Relay.id)).where(
        col(Relay.leader_id) == leader,
        col(Relay.campaign_id) == bindparam("campaign"),
        col(Relay.route) == Route.LEADER,
        col(Relay.state).in_((State.PLANNED, State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)),
        not_(among(col(Relay.id), "besides")),
    )
    return columns(leader).where(waiting.exists())
