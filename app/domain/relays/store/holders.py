"""Who has a relay, and who had it: it is passed on by one conditional statement; whoever had it may still confirm."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select as columns
from sqlalchemy import update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.domain.relays.states import OPEN, News, Part, Route, State
from app.domain.relays.store.ledger import move
from app.domain.relays.tables import Holding, Relay

_STAYING = (State.ASSIGNED, State.MISSED)


class Keeper(NamedTuple):
    """Somebody who gets a relay, and whose part he plays."""

    leader_id: str
    part: Part


class Held(NamedTuple):
    """The part somebody plays, or played; `withdrawn`: he has no word in it any more."""

    part: Part
    withdrawn: bool


async def take_of(tx: Tx, campaign_id: str, relay_ids: Sequence[str], leader_ids: Sequence[str]) -> dict[str, Any]:
    """Of a campaign, by their ids: these relays, whoever has them, and all that these leaders have or had to do. Locked
    in the order `move` locks in until the transaction ends."""
    wanted = [*relay_ids, *await _theirs(tx, campaign_id, leader_ids)]
    found = await tx.table(_TAKE, {"ids": wanted})
    # Not asked of the database: SQLite would read the whole campaign to find a few of its relays.
    return {relay.id: relay for relay in found if relay.campaign_id == campaign_id}


_TAKE = (
    columns(*(col(getattr(Relay, name)) for name in Relay.model_fields))
    .where(among(col(Relay.id), "ids"))
    .order_by(col(Relay.id))
    .with_for_update()
)


async def _theirs(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> list[str]:
    if not leader_ids:
        return []
    have = select(Relay.id).where(among(col(Relay.leader_id), leader_ids), Relay.campaign_id == campaign_id)
    may_still = (among(col(Holding.leader_id), leader_ids), col(Holding.withdrawn).is_(False))
    had = select(Holding.relay_id).where(*may_still, Holding.campaign_id == campaign_id)
    return [*await tx.all(have), *await tx.all(had)]


async def holdings(tx: Tx, relay_ids: Sequence[str]) -> dict[tuple[str, str], Held]:
    """How these relays were passed on, if they were: by relay and leader."""
    rows = await tx.table(_HOLDINGS, {"ids": relay_ids})
    return {(row.relay_id, row.leader_id): Held(row.part, withdrawn=row.withdrawn) for row in rows}


_HOLDINGS = columns(col(Holding.relay_id), col(Holding.leader_id), col(Holding.part), col(Holding.withdrawn)).where(
    among(col(Holding.relay_id), "ids")
)


async def holders(tx: Tx, relay_ids: Sequence[str]) -> dict[str, set[str]]:
    """Everybody who has or had one of these relays that were passed on, by relay."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = columns(col(Holding.relay_id), col(Holding.leader_id)).where(among(col(Holding.relay_id), relay_ids))
    for row in await tx.table(rows):
        found[row.relay_id].add(row.leader_id)
    return found


async def pass_on(
    tx: Tx, relay_ids: Sequence[str], keeper: Keeper, *, late: bool, actor: str, reason: str
) -> list[str]:
    """Give these relays to somebody else; answers the ids of those that could still be given. `late`: their deadline
    has passed. Whoever had them is remembered. They must be locked."""
    before = {row.id: row for row in await tx.all(select(Relay).where(among(col(Relay.id), relay_ids)))}
    values: dict[str, Any] = {"leader_id": keeper.leader_id}
    declined = [one for one in relay_ids if before[one].state is State.FAILED]
    known = [one for one in relay_ids if before[one].state is State.ACKNOWLEDGED]
    news = News.PASSED_ON_LATE if late else News.PASSED_ON
    given = await move(tx, declined, news, actor=actor, reason=reason, only=State.FAILED, **values)
    given += await move(tx, known, News.PASSED_ON, actor=actor, reason=reason, only=State.ACKNOWLEDGED, **values)
    given += await _stay(tx, relay_ids, actor=actor, reason=reason, besides=given, **values)
    await _remember(tx, [before[one] for one in given], keeper)
    return given


async def _stay(
    tx: Tx, relay_ids: Sequence[str], *, actor: str, reason: str, besides: Collection[str], **values: Any
) -> list[str]:
    """Those whose state the change of hands leaves as it is."""
    passed = await tx.run(
        update(Relay)
        .where(among(col(Relay.id), [one for one in relay_ids if one not in besides]), col(Relay.state).in_(_STAYING))
        .values(reason=reason, **values)
        .returning(col(Relay.id), col(Relay.campaign_id), col(Relay.state))
    )
    rows = passed.all()
    lines = [Move(r.campaign_id, r.id, Subject.RELAY, r.id, r.state.value, r.state.value, actor, reason) for r in rows]
    await append(tx, lines)
    return [row.id for row in rows]


async def _remember(tx: Tx, before: Sequence[Relay], keeper: Keeper) -> None:
    gone = [
        {"relay_id": relay.id, "leader_id": relay.leader_id, "campaign_id": relay.campaign_id, "part": Part.PRIMARY}
        | {"since": relay.assigned_at or tx.now, "until": tx.now, "withdrawn": False}
        for relay in before
        if relay.leader_id
    ]
    await tx.insert(Holding, gone, once=True)
    ids = [relay.id for relay in before]
    still = (among(col(Holding.relay_id), ids), col(Holding.until).is_(None))
    await tx.run(update(Holding).where(*still).values(until=tx.now))
    fresh = [
        {"relay_id": relay.id, "leader_id": keeper.leader_id, "campaign_id": relay.campaign_id, "part": keeper.part}
        | {"since": tx.now, "until": None, "withdrawn": False}
        for relay in before
    ]
    await tx.insert(Holding, fresh, once=True)
    mine = (among(col(Holding.relay_id), ids), col(Holding.leader_id) == keeper.leader_id)
    await tx.run(update(Holding).where(*mine).values(until=None, withdrawn=False))


async def replace_planned(tx: Tx, relay_ids: Sequence[str], leader_id: str | None, *, actor: str, reason: str) -> None:
    """Relays nobody was asked for yet are somebody else's from the start."""
    planned = await tx.run(
        update(Relay)
        .where(among(col(Relay.id), relay_ids), col(Relay.state) == State.PLANNED, col(Relay.route) == Route.LEADER)
        .values(leader_id=leader_id, reason=reason)
        .returning(col(Relay.id), col(Relay.campaign_id))
    )
    state = State.PLANNED.value
    await append(
        tx, [Move(r.campaign_id, r.id, Subject.RELAY, r.id, state, state, actor, reason) for r in planned.all()]
    )


async def take_orphans(tx: Tx, campaign_id: str) -> list[Relay]:
    """What nobody has of a campaign, though its time has come for somebody to be asked; locked."""
    planned = (col(Relay.campaign_id) == campaign_id, col(Relay.state) == State.PLANNED)
    nobodys = (col(Relay.route) == Route.LEADER, col(Relay.leader_id).is_(None), col(Relay.task_id).is_(None))
    due = (col(Relay.waits_for).is_(None), col(Relay.starts_at) <= tx.now)
    orphans = select(Relay).where(*planned, *nobodys, *due)
    return await tx.all(orphans.order_by(col(Relay.id)).with_for_update())


_WAITS = col(Relay.state).in_(OPEN) | ((col(Relay.state) == State.MISSED) & col(Relay.next_step_at).is_not(None))
_TO_RELIEVE = (col(Relay.route) == Route.LEADER, _WAITS)


async def to_relieve(tx: Tx, leader_ids: Sequence[str], *, limit: int) -> list[Relay]:
    """Relays that these leaders still have to do: those open, and those missed of which the policy is not done; locked,
    as their campaigns must be already."""
    theirs = select(Relay).where(among(col(Relay.leader_id), leader_ids), *_TO_RELIEVE)
    return await tx.all(theirs.order_by(col(Relay.id)).limit(limit).with_for_update())


async def where_to_relieve(tx: Tx, leader_ids: Sequence[str]) -> list[str]:
    """The campaigns of these relays."""
    theirs = select(Relay.campaign_id).where(among(col(Relay.leader_id), leader_ids), *_TO_RELIEVE)
    return await tx.all(theirs.distinct())


async def withdraw(tx: Tx, relay_ids: Sequence[str], leader_id: str) -> None:
    """This leader has no word in these relays any more."""
    his = (among(col(Holding.relay_id), relay_ids), col(Holding.leader_id) == leader_id)
    await tx.run(update(Holding).where(*his).values(withdrawn=True))


async def orphan(tx: Tx, relay_ids: Sequence[str], leader_id: str, *, actor: str) -> list[str]:
    """Those of these relays that this leader still has, for want of anybody else, are nobody's; answers their ids."""
    reason = "nobody answers for this group any more"
    orphaned = await tx.run(
        update(Relay)
        .where(among(col(Relay.id), relay_ids), col(Relay.leader_id) == leader_id)
        .values(leader_id=None, reason=reason)
        .returning(col(Relay.id), col(Relay.campaign_id), col(Relay.state))
    )
    rows = orphaned.all()
    lines = [Move(r.campaign_id, r.id, Subject.RELAY, r.id, r.state.value, r.state.value, actor, reason) for r in rows]
    await append(tx, lines)
    return [row.id for row in rows]
