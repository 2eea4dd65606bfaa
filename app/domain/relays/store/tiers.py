"""Relays that wait for a tier of a cascade to open, and how the groups of some branches stand."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Relay

_NEVER_MEANT = (State.SKIPPED, State.CANCELLED)
_STILL_TO_ASK = (col(Relay.state) == State.PLANNED, col(Relay.route) == Route.LEADER)


async def still_to_ask(tx: Tx, campaign_id: str) -> list[Any]:
    """(branch_id, leader_id, starts_at) of everybody who is to be asked in a campaign for groups in a branch, with the
    earliest moment for it."""
    pairs = (col(Relay.branch_id), col(Relay.leader_id))
    return await tx.table(
        columns(*pairs, func.min(col(Relay.starts_at)).label("starts_at"))
        .where(col(Relay.campaign_id) == campaign_id, *_STILL_TO_ASK, *(one.is_not(None) for one in pairs))
        .group_by(*pairs)
    )


async def hold_back(
    tx: Tx,
    campaign_id: str,
    tier_id: str,
    *,
    branch_ids: Collection[str],
    leader_ids: Collection[str] | None,
    reason: str,
) -> int:
    """These leaders, or all, are not asked for groups in these branches before this tier opens; answers for how many
    groups."""
    places: list[ColumnElement[bool]] = [among(col(Relay.branch_id), list(branch_ids))]
    if leader_ids is not None:
        places.append(among(col(Relay.leader_id), list(leader_ids)))
    held = await tx.run(
        update(Relay)
        .where(col(Relay.campaign_id) == campaign_id, *_STILL_TO_ASK, *places)
        .values(waits_for=tier_id)
        .returning(col(Relay.id), col(Relay.campaign_id), col(Relay.state))
    )
    return await _tell(tx, held.all(), actor="muster", reason=reason)


async def let_go(
    tx: Tx,
    tier_ids: Sequence[str],
    *,
    actor: str,
    reason: str,
    leader_id: str | None = None,
    to: str | None = None,
) -> int:
    """What waited for these tiers waits for them no more, but for the tier `to` if there is one; with `leader_id` only
    what is this leader's."""
    mine: list[ColumnElement[bool]] = [among(col(Relay.waits_for), tier_ids), col(Relay.waits_for).is_not(None)]
    if leader_id is not None:
        mine.append(col(Relay.leader_id) == leader_id)
    freed = await tx.run(
        update(Relay)
        .where(*mine)
        .values(waits_for=to)
        .returning(col(Relay.id), col(Relay.campaign_id), col(Relay.state))
    )
    return await _tell(tx, [row for row in freed if row.state is State.PLANNED], actor=actor, reason=reason)


async def _tell(tx: Tx, rows: Sequence[Any], *, actor: str, reason: str) -> int:
    lines = [Move(r.campaign_id, r.id, Subject.RELAY, r.id, r.state.value, r.state.value, actor, reason) for r in rows]
    await append(tx, lines)
    return len(lines)


async def standing_in(
    tx: Tx, campaign_id: str, branch_ids: Collection[str] | None, *, by: datetime, besides: str = ""
) -> Any:
    """(total, done, leaders) of a campaign in these branches, or in all: how many groups it is meant for, how many had
    it then, and how many people other than `besides` are, or were, asked there."""
    others = (col(Relay.route) == Route.LEADER) & (col(Relay.leader_id) != besides)
    query = columns(
        func.count().label("total"),
        func.coalesce(func.sum(case((_had(by), 1), else_=0)), 0).label("done"),
        func.count(case((others, col(Relay.leader_id))).distinct()).label("leaders"),
    ).where(col(Relay.campaign_id) == campaign_id, col(Relay.state).not_in(_NEVER_MEANT))
    if branch_ids is not None:
        query = query.where(among(col(Relay.branch_id), list(branch_ids)))
    return (await tx.table(query))[0]


def _had(by: datetime) -> ColumnElement[bool]:
    return (col(Relay.state) == State.RELAYED) & (func.coalesce(col(Relay.relayed_at), by) <= by)


async def lacking_in(
    tx: Tx, campaign_id: str, branch_ids: Collection[str] | None, *, by: datetime, limit: int
) -> list[Relay]:
    """The first of a campaign's groups, in these branches or in all, that did not have it then."""
    lacking = select(Relay).where(Relay.campaign_id == campaign_id, col(Relay.state).not_in(_NEVER_MEANT), ~_had(by))
    if branch_ids is not None:
        lacking = lacking.where(among(col(Relay.branch_id), list(branch_ids)))
    return await tx.all(lacking.order_by(col(Relay.deadline_at), col(Relay.id)).limit(limit))


async def asked_in(tx: Tx, campaign_id: str, leader_id: str, branch_ids: Collection[str]) -> list[Relay]:
    """What this leader still has to do of a campaign in these branches, locked."""
    his = select(Relay).where(
        Relay.campaign_id == campaign_id,
        Relay.leader_id == leader_id,
        Relay.route == Route.LEADER,
        among(col(Relay.branch_id), list(branch_ids)),
        col(Relay.state).in_((State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)),
    )
    return await tx.all(his.order_by(col(Relay.id)).with_for_update())


async def first_in(tx: Tx, campaign_id: str, branch_ids: Collection[str], *, limit: int) -> list[Relay]:
    """The first of a campaign's groups in these branches, those due first ahead."""
    there = select(Relay).where(
        Relay.campaign_id == campaign_id,
        among(col(Relay.branch_id), list(branch_ids)),
        col(Relay.state).not_in(_NEVER_MEANT),
    )
    return await tx.all(there.order_by(col(Relay.deadline_at), col(Relay.id)).limit(limit))
