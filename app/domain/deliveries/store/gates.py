"""Gates: what may not send at the moment, and the lanes in which something could leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, or_, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.db import Tx
from app.domain.deliveries.states import State
from app.domain.deliveries.tables import Delivery, Gate, Lane


class OpenLane(Protocol):
    """The facts of a lane that its readers need."""

    account_id: str
    campaign_id: str
    shard: int
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


async def move_lanes(tx: Tx, account_id: str, shard: int) -> None:
    """From now on the lanes of this account are paced in that shard."""
    await tx.run(update(Lane).where(col(Lane.account_id) == account_id).values(shard=shard))


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


async def lanes_with_work(tx: Tx, shards: Sequence[int], *, by: datetime) -> list[Lane]:
    """Lanes of these shards in which something is due by then and no gate of center, campaign or account is closed."""
    work = exists().where(
        col(Delivery.account_id) == Lane.account_id,
        col(Delivery.campaign_id) == Lane.campaign_id,
        col(Delivery.state) == State.DUE,
        col(Delivery.due_at) <= by,
        col(Delivery.expires_at) > tx.now,
    )
    gate = exists().where(
        col(Gate.subject).in_([col(Lane.center_id), col(Lane.campaign_id), col(Lane.account_id)]), closed(tx.now)
    )
    return await tx.all(select(Lane).where(col(Lane.shard).in_(shards), work, ~gate))


async def due(tx: Tx, lane: OpenLane, *, limit: int, by: datetime) -> list[Any]:
    """(id, chat, due_at) of what may leave in this lane by then, the longest due first."""
    where = {"account": lane.account_id, "campaign": lane.campaign_id, "now": tx.now, "by": by, "most": limit}
    return await tx.table(_DUE, where)


_DUE = (
    columns(col(Delivery.id), col(Delivery.chat), col(Delivery.due_at))
    .where(
        col(Delivery.account_id) == bindparam("account"),
        col(Delivery.campaign_id) == bindparam("campaign"),
        col(Delivery.state) == State.DUE,
        col(Delivery.due_at) <= bindparam("by"),
        col(Delivery.expires_at) > bindparam("now"),
        ~exists().where(col(Gate.subject) == Delivery.chat, closed(bindparam("now"))),
    )
    .order_by(col(Delivery.due_at), col(Delivery.id))
    .limit(bindparam("most"))
)
