"""Gates: what may not send at the moment, and the lanes in which something could leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, or_, text
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.db import Tx
from app.domain.deliveries.states import Kind, State
from app.domain.deliveries.tables import RECALLS, Delivery, Gate, Lane

HELD_BY = case((col(Delivery.kind) == Kind.RECALL, ""), else_=col(Delivery.campaign_id))
"""The campaign whose closed gate holds a delivery: none holds what takes words back, however the campaign ended."""


class OpenLane(Protocol):
    """The facts of a lane that its readers need."""

    account_id: str
    campaign_id: str
    rank: int
    min_gap_s: float
    max_gap_s: float
    seed: str


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert deliveries; those that already stand are left as they are."""
    await tx.insert(Delivery, rows, once=True)


async def learn(tx: Tx) -> None:
    """There are many new deliveries: let the database take that into account."""
    await tx.learn(Delivery)


async def open_lanes(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.insert(Lane, rows, once=True)


async def close_gate(tx: Tx, subject: str, *, reason: str, until: datetime | None = None) -> None:
    """Nothing of this center, campaign, account or chat leaves until then, or until the gate is opened. A gate
    that is closed for longer stays as it is."""
    statement = tx.upsert(Gate).values(subject=subject, reason=reason, until=until, since=tx.now)
    fresh = statement.excluded
    longer = or_(fresh.until.is_(None), fresh.until > col(Gate.until))
    values = {"reason": fresh.reason, "until": fresh.until}
    await tx.run(
        statement.on_conflict_do_update(
            index_elements=["subject"], set_=values, where=and_(col(Gate.until).is_not(None), longer)
        )
    )


async def open_gate(tx: Tx, subject: str) -> None:
    await tx.run(delete(Gate).where(col(Gate.subject) == subject))


async def closed_gates(tx: Tx, subjects: Sequence[str]) -> list[Gate]:
    """Which of these are closed now."""
    return await tx.all(select(Gate).where(col(Gate.subject).in_(subjects), closed(tx.now)))


def closed(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(col(Gate.until).is_(None), col(Gate.until) > now)


async def lanes_with_work(tx: Tx, shards: Sequence[int]) -> list[Lane]:
    """Lanes of these shards in which something is due and no gate of center, campaign or account is closed."""
    work = exists().where(
        col(Delivery.account_id) == Lane.account_id,
        col(Delivery.campaign_id) == Lane.campaign_id,
        col(Delivery.state) == State.DUE,
        col(Delivery.due_at) <= tx.now,
        col(Delivery.expires_at) > tx.now,
    )
    gate = exists().where(
        col(Gate.subject).in_([col(Lane.center_id), col(Lane.campaign_id), col(Lane.account_id)]), closed(tx.now)
    )
    return await tx.all(select(Lane).where(col(Lane.shard).in_(shards), work, ~gate))


async def lanes_with_recalls(tx: Tx, shards: Sequence[int]) -> list[Lane]:
    """Lanes of these shards whose campaign's gate is closed, and no other, in which something is to be taken back."""
    work = exists().where(
        text(RECALLS),
        col(Delivery.account_id) == Lane.account_id,
        col(Delivery.campaign_id) == Lane.campaign_id,
        col(Delivery.due_at) <= tx.now,
        col(Delivery.expires_at) > tx.now,
    )
    held = exists().where(col(Gate.subject) == Lane.campaign_id, closed(tx.now))
    shut = exists().where(col(Gate.subject).in_([col(Lane.center_id), col(Lane.account_id)]), closed(tx.now))
    return await tx.all(select(Lane).where(col(Lane.shard).in_(shards), work, held, ~shut))


async def recalls_due(tx: Tx, lane: OpenLane, *, limit: int) -> list[Any]:
    """As `due`, of nothing but what takes words back."""
    where = {"account": lane.account_id, "campaign": lane.campaign_id, "now": tx.now, "most": limit}
    return await tx.table(_DUE.where(text(RECALLS)), where)


async def due(tx: Tx, lane: OpenLane, *, limit: int) -> list[Any]:
    """(id, chat, due_at) of what may leave in this lane, the longest due first."""
    where = {"account": lane.account_id, "campaign": lane.campaign_id, "now": tx.now, "most": limit}
    return await tx.table(_DUE, where)


_DUE = (
    columns(col(Delivery.id), col(Delivery.chat), col(Delivery.due_at))
    .where(
        col(Delivery.account_id) == bindparam("account"),
        col(Delivery.campaign_id) == bindparam("campaign"),
        col(Delivery.state) == State.DUE,
        col(Delivery.due_at) <= bindparam("now"),
        col(Delivery.expires_at) > bindparam("now"),
        ~exists().where(col(Gate.subject) == Delivery.chat, closed(bindparam("now"))),
    )
    .order_by(col(Delivery.due_at), col(Delivery.id))
    .limit(bindparam("most"))
)


async def ahead(tx: Tx, campaign_id: str, *, limit: int) -> list[Any]:
    """What still waits in the accounts of this campaign, of other campaigns too, with what its lane is paced by."""
    accounts = columns(col(Lane.account_id)).where(col(Lane.campaign_id) == campaign_id)
    lane = and_(col(Lane.account_id) == col(Delivery.account_id), col(Lane.campaign_id) == col(Delivery.campaign_id))
    facts = (getattr(Delivery, name) for name in ("id", "campaign_id", "account_id", "chat", "due_at"))
    query = columns(*facts, Lane.rank, Lane.min_gap_s, Lane.max_gap_s, Lane.seed).join(Lane, lane)  # type: ignore[call-overload]
    query = query.where(col(Delivery.account_id).in_(accounts), col(Delivery.state) == State.DUE)
    return await tx.table(query.order_by(col(Delivery.due_at), col(Delivery.id)).limit(limit))
