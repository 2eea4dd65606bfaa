"""How campaigns stand when they are over, or a day is: whether anything is open, how much is missing, and where."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, text
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.domain.relays.states import MOVES, OPEN, News, State
from app.domain.relays.tables import AWAITED, MISSING_NOW, Relay


async def any_open(tx: Tx, campaign_id: str) -> bool:
    """Whether anything of a campaign is still open."""
    query = select(Relay.id).where(Relay.campaign_id == campaign_id, col(Relay.state).in_(OPEN))
    return await tx.first(query) is not None


async def groups_ended(tx: Tx, campaign_id: str, states: Sequence[State], *, after: str, limit: int) -> list[str]:
    """The next groups of a campaign by id, those whose relays stand in one of these states; all without any."""
    query = select(Relay.group_id).where(Relay.campaign_id == campaign_id, col(Relay.group_id) > after)
    if states:
        query = query.where(col(Relay.state).in_(states))
    return await tx.all(query.order_by(col(Relay.group_id)).limit(limit))


async def any_overdue(tx: Tx, campaign_id: str) -> bool:
    """Whether a leader's relay of this campaign is past its deadline and not yet called missed."""
    query = select(Relay.id).where(text(AWAITED), Relay.campaign_id == campaign_id, Relay.deadline_at <= tx.now)
    return await tx.first(query.where(col(Relay.state).in_(MOVES.before(News.OVERDUE)))) is not None


async def standing(
    tx: Tx, campaign_ids: Sequence[str], states: Sequence[State], *, missed_since: datetime | None
) -> list[Any]:
    """(campaign_id, state, count, late) of these campaigns, as far as they stand in these states; with `missed_since`,
    what was missed or failed before that is left out."""
    query = columns(
        col(Relay.campaign_id),
        col(Relay.state),
        func.count().label("count"),
        func.sum(case((col(Relay.late), 1), else_=0)).label("late"),
    ).where(among(col(Relay.campaign_id), campaign_ids), col(Relay.state).in_(states))
    if missed_since is not None:
        query = query.where(col(Relay.state).in_(OPEN) | (col(Relay.changed_at) >= missed_since))
    return await tx.table(query.group_by(col(Relay.campaign_id), col(Relay.state)))


async def first_missing(tx: Tx, campaign_id: str, *, since: datetime | None, limit: int) -> list[Any]:
    """(group_id, leader_id) of what was missed, failed or is uncertain, by id; with `since` as in `standing`."""
    query = columns(col(Relay.group_id), col(Relay.leader_id)).where(
        col(Relay.campaign_id) == campaign_id, text(MISSING_NOW)
    )
    if since is not None:
        query = query.where((col(Relay.state) == State.UNCERTAIN) | (col(Relay.changed_at) >= since))
    return await tx.table(query.order_by(col(Relay.id)).limit(limit))
