"""Relays whose owners are asked by their platform: which wait for it, which belong to a task, how often a group was."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, text, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.core.journal import Move, Subject, append
from app.domain.relays.states import OPEN, Evidence, State
from app.domain.relays.tables import TO_ASK, Relay

ANY_TO_ASK = any_of(Relay, text(TO_ASK), col(Relay.starts_at) <= NOW, by=col(Relay.starts_at))


async def to_ask(tx: Tx, campaign_ids: Sequence[str], *, limit: int) -> list[Any]:
    """(campaign_id, leader_id) of owners whom their platform is to ask now in these campaigns, each pair once;
    without a leader where there is something that nobody has."""
    return await tx.table(
        columns(col(Relay.campaign_id), col(Relay.leader_id))
        .where(text(TO_ASK), col(Relay.starts_at) <= tx.now, among(col(Relay.campaign_id), campaign_ids))
        .distinct()
        .limit(limit)
    )


async def take_to_ask(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> list[Relay]:
    """What these owners are to be asked for now by their platform, locked."""
    his = (Relay.campaign_id == campaign_id, among(col(Relay.leader_id), leader_ids), col(Relay.starts_at) <= tx.now)
    return await tx.all(select(Relay).where(text(TO_ASK), *his).order_by(col(Relay.id)).with_for_update())


async def put_into(tx: Tx, relay_ids: Sequence[str], task_id: str) -> None:
    """These locked relays belong to this task."""
    mine = (among(col(Relay.id), relay_ids), col(Relay.task_id).is_(None))
    await tx.run(update(Relay).where(*mine).values(task_id=task_id))


async def take_of_task(tx: Tx, task_id: str) -> list[Relay]:
    """What a task is about, locked until the transaction ends."""
    return await tx.all(select(Relay).where(Relay.task_id == task_id).order_by(col(Relay.id)).with_for_update())


async def groups_of_tasks(
    tx: Tx, task_ids: Sequence[str], *, states: Sequence[State] = tuple(State)
) -> dict[str, dict[str, str]]:
    """The groups that each of these tasks is about, by their relays, those that stand in one of these states."""
    rows = await tx.table(
        columns(col(Relay.task_id), col(Relay.id), col(Relay.group_id))
        .where(among(col(Relay.task_id), task_ids), col(Relay.task_id).is_not(None), col(Relay.state).in_(states))
        .order_by(col(Relay.id))
    )
    found: dict[str, dict[str, str]] = {task_id: {} for task_id in task_ids}
    for row in rows:
        found[row.task_id][row.id] = row.group_id
    return found


async def had_since(tx: Tx, group_ids: Collection[str], since: datetime) -> dict[str, int]:
    """How many texts each of these groups got from its owner, asked by his platform, since then, or may yet get."""
    got = and_(
        col(Relay.state) == State.RELAYED,
        col(Relay.evidence) == Evidence.PLATFORM_VERIFIED,
        col(Relay.relayed_at) >= since,
    )
    may_get = and_(col(Relay.state).in_(OPEN), col(Relay.task_id).is_not(None))
    rows = await tx.table(
        columns(col(Relay.group_id), func.count().label("times"))
        .where(among(col(Relay.group_id), sorted(group_ids)), col(Relay.asked_by).is_not(None), or_(got, may_get))
        .group_by(col(Relay.group_id))
    )
    return {row.group_id: row.times for row in rows}


async def by_hand(tx: Tx, relay_ids: Sequence[str]) -> None:
    """No platform asks anybody for these any more."""
    await tx.run(update(Relay).where(among(col(Relay.id), relay_ids)).values(asked_by=None, task_id=None))


async def attest(tx: Tx, relay_ids: Sequence[str], reason: str) -> None:
    """The platform says that these stand, which was somebody's word alone."""
    told = [col(Relay.state) == State.RELAYED, col(Relay.evidence) != Evidence.PLATFORM_VERIFIED]
    rows = await tx.run(
        update(Relay)
        .where(among(col(Relay.id), relay_ids), *told)
        .values(evidence=Evidence.PLATFORM_VERIFIED)
        .returning(col(Relay.id))
    )
    await note(tx, [row.id for row in rows], reason)


async def note(tx: Tx, relay_ids: Sequence[str], reason: str) -> None:
    """A line in the story of each of these, whose state stays; it is what their reason says now."""
    rows = await tx.run(
        update(Relay)
        .where(among(col(Relay.id), relay_ids))
        .values(reason=reason)
        .returning(col(Relay.id), col(Relay.campaign_id), col(Relay.state))
    )
    lines = [
        Move(r.campaign_id, r.id, Subject.RELAY, r.id, r.state.value, r.state.value, "muster", reason)
        for r in sorted(rows, key=lambda row: row.id)
    ]
    await append(tx, lines)
