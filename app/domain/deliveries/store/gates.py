"""Gates: what may not send at the moment, and the lanes in which something could leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, get_type_hints

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    column,
    delete,
    exists,
    false,
    or_,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among, as_json
from app.core.db import Moment, Tx
from app.domain.deliveries.states import STANDS_FOR, Hold, Kind, State
from app.domain.deliveries.tables import DUE, RECALLS, Delivery, Gate, Lane

_HELD_BY = case((col(Delivery.kind) == Kind.RECALL, ""), else_=col(Delivery.campaign_id))
"""The campaign whose closed gate holds a delivery: none holds what takes words back, however the campaign ended."""
_TO_STAND_FOR = case((col(Delivery.kind).in_(STANDS_FOR), col(Delivery.relay_id)), else_="")
BEHIND = (col(Delivery.center_id), _HELD_BY, col(Delivery.account_id), col(Delivery.chat), _TO_STAND_FOR)
"""The subjects whose closed gates hold a delivery. A relay's holds the words that are to come to stand for it."""


class OpenLane(Protocol):
    """The facts of a lane that its readers need."""

    account_id: str
    campaign_id: str
    center_id: str
    shard: int
    rank: int
    min_gap_s: float
    max_gap_s: float
    seed: str


def closed(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(col(Gate.until).is_(None), col(Gate.until) > now)


_CLOSED_AMONG = (
    columns(col(Gate.subject), col(Gate.reason), col(Gate.until), col(Gate.since))
    .where(among(col(Gate.subject), "subjects"), closed(bindparam("now")))
    .order_by(col(Gate.until).nulls_last())
)


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]], *, new: bool = False) -> None:
    """Insert deliveries; those that already stand are left as they are. With `new` none may stand yet, and PostgreSQL
    need not look each of them up before it inserts it."""
    await tx.insert(Delivery, rows, once=not new)


async def learn(tx: Tx) -> None:
    """There are many new deliveries: let the database take that into account."""
    await tx.learn(Delivery)


async def lane_accounts(tx: Tx, campaign_id: str) -> list[str]:
    """The accounts that have a lane in this campaign."""
    return await tx.all(select(Lane.account_id).where(Lane.campaign_id == campaign_id))


async def open_lanes(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.insert(Lane, rows, once=True)


async def move_lanes(tx: Tx, account_id: str, shard: int) -> None:
    """From now on the lanes of this account are paced in that shard."""
    await tx.run(update(Lane).where(col(Lane.account_id) == account_id).values(shard=shard))


async def close_gate(tx: Tx, subject: str, *, reason: str, until: datetime | None = None) -> None:
    """Nothing of this center, campaign, account or chat leaves until then; without `until`, until the gate is opened.
    What stops it already, or lets it wait for longer, stays as it is."""
    hold = Hold.WAIT if until else Hold.STOP
    statement = tx.upsert(Gate).values(subject=subject, hold=hold, reason=reason, until=until, since=tx.now)
    fresh = statement.excluded
    values = {"reason": fresh.reason, "until": fresh.until}
    longer = fresh.until > col(Gate.until)
    await tx.run(statement.on_conflict_do_update(index_elements=["subject", "hold"], set_=values, where=longer))


async def close_gates(tx: Tx, relay_ids: Sequence[str], *, reason: str) -> None:
    """Nothing of these relays leaves any more but what takes their words back."""
    same = {"hold": Hold.STOP, "reason": reason, "until": None, "since": tx.now}
    rows = [{"subject": one, **same} for one in relay_ids]
    await tx.insert(Gate, rows, once=True)


async def open_gate(tx: Tx, subject: str) -> None:
    """Nothing stops it any more; what it waits for goes on."""
    await tx.run(delete(Gate).where(col(Gate.subject) == subject, col(Gate.hold) == Hold.STOP))


async def closed_gates(tx: Tx, subjects: Sequence[str]) -> list[Any]:
    """(subject, reason, until, since) of what holds these now: the longest wait, and then the stops, come last."""
    return await tx.table(_CLOSED_AMONG, {"subjects": subjects, "now": tx.now})


_IN_SHARDS = col(Lane.shard).in_(bindparam("shards", expanding=True))


def _gate(*subjects: Any) -> ColumnElement[bool]:
    return exists().where(col(Gate.subject).in_(subjects), closed(bindparam("now")))


def _waiting(due: str, *, by: str) -> ColumnElement[bool]:
    """Whether something in a lane is so, may leave by then, and is still worth it."""
    return exists().where(
        text(due),
        col(Delivery.account_id) == Lane.account_id,
        col(Delivery.campaign_id) == Lane.campaign_id,
        col(Delivery.due_at) <= bindparam(by),
        col(Delivery.expires_at) > bindparam("now"),
    )


_FACTS = [col(getattr(Lane, name)) for name in get_type_hints(OpenLane)]
_WITH_WORK = columns(*_FACTS, true().label("open")).where(
    _IN_SHARDS,
    _waiting(DUE, by="by"),
    ~_gate(col(Lane.center_id), col(Lane.campaign_id), col(Lane.account_id)),
)
_WITH_RECALLS = columns(*_FACTS, false().label("open")).where(
    _IN_SHARDS,
    _waiting(RECALLS, by="now"),
    _gate(col(Lane.campaign_id)),
    ~_gate(col(Lane.center_id), col(Lane.account_id)),
)
_WITH_EITHER = union_all(_WITH_WORK, _WITH_RECALLS)


async def lanes_with_work(
    tx: Tx, shards: Sequence[int], *, by: datetime
) -> tuple[Sequence[OpenLane], Sequence[OpenLane]]:
    """Lanes of these shards in which something is due by then and no gate of center, campaign or account is closed; and
    those whose campaign's gate is closed, and no other, in which something is to be taken back."""
    lanes = await tx.table(_WITH_EITHER, {"shards": shards, "by": by, "now": tx.now})
    return [lane for lane in lanes if lane.open], [lane for lane in lanes if not lane.open]


async def recalls_due(tx: Tx, lane: OpenLane, *, limit: int) -> list[Any]:
    """(id, chat, due_at) as `due`, of nothing but what takes words back."""
    return await tx.table(
        columns(col(Delivery.id), col(Delivery.chat), col(Delivery.due_at))
        .where(
            text(RECALLS),
            col(Delivery.account_id) == lane.account_id,
            col(Delivery.campaign_id) == lane.campaign_id,
            col(Delivery.due_at) <= tx.now,
            col(Delivery.expires_at) > tx.now,
            ~exists().where(col(Gate.subject) == Delivery.chat, closed(tx.now)),
        )
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(limit)
    )


async def due(tx: Tx, lanes: Sequence[OpenLane], *, limit: int, by: datetime) -> dict[tuple[str, str], list[Any]]:
    """(id, chat, due_at) of what may leave by then in each of these lanes, the longest due first, at most so many; by
    (account, campaign). One statement for all lanes: a worker may pace a thousand of them."""
    found: dict[tuple[str, str], list[Any]] = {(lane.account_id, lane.campaign_id): [] for lane in lanes}
    if lanes:
        asked = {"rows": as_json(found, tx.dialect), "now": tx.now, "by": by, "most": limit}
        for row in await tx.table(_DUE[tx.dialect], asked):
            found[row.account_id, row.campaign_id].append(row)
    return found


_MAY_LEAVE = """
    FROM delivery WHERE account_id = line.value ->> 0 AND campaign_id = line.value ->> 1
    AND state = 'due' AND due_at <= :by AND expires_at > :now
    AND NOT EXISTS (SELECT 1 FROM gate WHERE subject = delivery.chat AND (until IS NULL OR until > :now))
    ORDER BY due_at, id LIMIT :most"""
_LANES = {
    "postgresql": f"""jsonb_array_elements(CAST(:rows AS jsonb)) AS line(value)
        CROSS JOIN LATERAL (SELECT id, chat, due_at {_MAY_LEAVE}) AS one""",
    "sqlite": f"json_each(:rows) AS line JOIN delivery AS one ON one.rowid IN (SELECT rowid {_MAY_LEAVE})",
}
_DUE = {
    dialect: text(
        "SELECT line.value ->> 0 AS account_id, line.value ->> 1 AS campaign_id, one.id, one.chat, one.due_at "  # noqa: S608 - our own words
        f"FROM {lanes} ORDER BY one.due_at, one.id"
    )
    .bindparams(bindparam("now", type_=Moment), bindparam("by", type_=Moment))
    .columns(column("account_id"), column("campaign_id"), column("id"), column("chat"), column("due_at", Moment))
    for dialect, lanes in _LANES.items()
}


async def ahead(tx: Tx, campaign_id: str, *, limit: int) -> list[Any]:
    """What still waits in the accounts of this campaign, of other campaigns too, with what its lane is paced by."""
    accounts = columns(col(Lane.account_id)).where(col(Lane.campaign_id) == campaign_id)
    lane = and_(col(Lane.account_id) == col(Delivery.account_id), col(Lane.campaign_id) == col(Delivery.campaign_id))
    names = ("id", "center_id", "campaign_id", "account_id", "group_id", "leader_id", "of_id", "chat", "due_at")
    facts = (getattr(Delivery, name) for name in names)
    query = columns(*facts, Lane.rank, Lane.min_gap_s, Lane.max_gap_s, Lane.seed).join(Lane, lane)  # type: ignore[call-overload]
    query = query.where(col(Delivery.account_id).in_(accounts), col(Delivery.state) == State.DUE)
    return await tx.table(query.order_by(col(Delivery.due_at), col(Delivery.id)).limit(limit))
