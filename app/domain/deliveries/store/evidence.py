"""What was said and heard, and figures read from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.domain.deliveries.states import Kind, State
from app.domain.deliveries.store.gates import BEHIND, closed
from app.domain.deliveries.tables import Attempt, Delivery, Gate, Lane


async def witness(tx: Tx, attempts: Sequence[Mapping[str, Any]]) -> None:
    """Keep the evidence of attempts, each once."""
    await tx.insert(Attempt, attempts, once=True)


async def recent(tx: Tx, account_ids: Sequence[str], since: datetime) -> list[Any]:
    """(account_id, chat, delivery_id, started_at, ended_at) of what accounts said since then, with the lane's (seed,
    min_gap_s, max_gap_s), oldest first."""
    return await tx.table(
        columns(
            col(Attempt.account_id),
            col(Attempt.chat),
            col(Attempt.delivery_id),
            col(Attempt.started_at),
            col(Attempt.ended_at),
            col(Lane.seed),
            col(Lane.min_gap_s),
            col(Lane.max_gap_s),
        )
        .join(Delivery, col(Delivery.id) == col(Attempt.delivery_id))
        .join(
            Lane,
            and_(col(Lane.account_id) == col(Attempt.account_id), col(Lane.campaign_id) == col(Delivery.campaign_id)),
        )
        .where(among(col(Attempt.account_id), account_ids), col(Attempt.ended_at) >= since)
        .order_by(col(Attempt.ended_at))
    )


async def in_flight(tx: Tx, account_ids: Sequence[str]) -> list[Any]:
    """(account_id, chat, delivery_id, fence, lease_until) of what accounts may be saying at this moment, with the
    lane's (seed, min_gap_s, max_gap_s)."""
    return await tx.table(
        columns(
            col(Delivery.account_id),
            col(Delivery.chat),
            col(Delivery.id).label("delivery_id"),
            col(Delivery.fence),
            col(Delivery.lease_until),
            col(Lane.seed),
            col(Lane.min_gap_s),
            col(Lane.max_gap_s),
        )
        .join(
            Lane,
            and_(col(Lane.account_id) == col(Delivery.account_id), col(Lane.campaign_id) == col(Delivery.campaign_id)),
        )
        .where(among(col(Delivery.account_id), account_ids), col(Delivery.state) == State.SENDING)
    )


async def used(tx: Tx, account_id: str, since: datetime) -> list[Any]:
    """(chat, posts) of what the platform may have counted for an account since then: all that it took or may have
    taken, and what is being said at this moment."""
    said = (
        columns(col(Attempt.chat), func.count().label("posts"))
        .where(
            col(Attempt.account_id) == account_id,
            col(Attempt.ended_at) >= since,
            col(Attempt.outcome).in_(("sent", "handed_over", "ambiguous")),
        )
        .group_by(col(Attempt.chat))
    )
    saying = (
        columns(col(Delivery.chat), func.count().label("posts"))
        .where(col(Delivery.account_id) == account_id, col(Delivery.state) == State.SENDING)
        .group_by(col(Delivery.chat))
    )
    return await tx.table(said.union_all(saying))


async def any_sending(tx: Tx, subject: str) -> bool:
    """Whether any delivery of this center, campaign or account is being sent now."""
    theirs = [col(Delivery.center_id), col(Delivery.campaign_id), col(Delivery.account_id)]
    query = columns(col(Delivery.id)).where(
        col(Delivery.state) == State.SENDING, or_(*(column == subject for column in theirs))
    )
    return bool(await tx.table(query.limit(1)))


async def nudges_about(
    tx: Tx, leader_ids: Sequence[str], since: datetime
) -> dict[str, list[tuple[frozenset[str], datetime]]]:
    """The nudges that reached, or will reach, these leaders after `since`: of which campaigns each speaks, and when."""
    query = columns(col(Delivery.leader_id), col(Delivery.campaign_id), col(Delivery.also), col(Delivery.due_at)).where(
        col(Delivery.leader_id).in_(leader_ids),
        col(Delivery.kind) == Kind.NUDGE,
        col(Delivery.state) != State.CANCELLED,
        col(Delivery.due_at) > since,
    )
    found: dict[str, list[tuple[frozenset[str], datetime]]] = {}
    for row in await tx.table(query):
        about = frozenset({row.campaign_id, *(row.also or "").split()})
        found.setdefault(row.leader_id, []).append((about, row.due_at))
    return found


async def nudges_since(tx: Tx, leader_ids: Sequence[str], since: datetime) -> dict[str, int]:
    """How many nudges each of these leaders was given since then; one that was called off was none."""
    rows = await tx.table(
        columns(col(Delivery.leader_id), func.count())
        .where(
            col(Delivery.leader_id).in_(leader_ids),
            col(Delivery.kind) == Kind.NUDGE,
            col(Delivery.state) != State.CANCELLED,
            col(Delivery.created_at) > since,
        )
        .group_by(col(Delivery.leader_id))
    )
    return {row[0]: row[1] for row in rows}


async def under_way(tx: Tx, campaign_id: str) -> bool:
    """Whether something of this campaign is being said at this moment, and not just taken back."""
    being_sent = select(Delivery.id).where(
        Delivery.campaign_id == campaign_id, Delivery.state == State.SENDING, Delivery.kind != Kind.RECALL
    )
    return await tx.first(being_sent) is not None


async def oldest_due_s(tx: Tx) -> float:
    """For how long the oldest delivery that stands behind no gate has been due, in seconds."""
    rows = await tx.table(
        columns(func.min(col(Delivery.due_at))).where(
            col(Delivery.state) == State.DUE,
            col(Delivery.due_at) <= tx.now,
            ~exists().where(col(Gate.subject).in_(BEHIND), closed(tx.now)),
        )
    )
    return (tx.now - rows[0][0]).total_seconds() if rows[0][0] else 0.0


async def uncertain_count(tx: Tx) -> int:
    rows = await tx.table(columns(func.count()).where(col(Delivery.state) == State.UNCERTAIN))
    return int(rows[0][0])
