"""What goes out when, in one center: every campaign with an hour, and which of them get into each other's way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignGroup
from app.domain.deliveries.tables import Lane
from app.domain.relays.states import OPEN
from app.domain.relays.tables import Relay

MOST = 200
MOST_PAIRS = 30
TOO_SOON = timedelta(hours=24)
"""A group that hears from two campaigns which begin so close together is named."""


@dataclass(frozen=True)
class Event:
    """One campaign from its begin to its last deadline. `groups` is 0 until its audience is frozen."""

    id: str
    title: str
    control: Control
    begins: datetime
    ends: datetime
    groups: int
    finished: bool


@dataclass(frozen=True)
class Collision:
    """Two campaigns that are still to come or under way: `groups` hear from both within TOO_SOON, and `accounts` post
    for both at the same time, in turn."""

    first: Event
    second: Event
    groups: int
    accounts: Sequence[str]


@dataclass(frozen=True)
class Calendar:
    zone: str | None
    events: Sequence[Event]
    collisions: Sequence[Collision]


async def calendar(tx: Tx, center_id: str, *, begins: datetime, ends: datetime) -> Calendar:
    """Everything that is under way at some moment of this stretch, the first first."""
    zone = await tx.table(select(col(Center.timezone)).where(col(Center.id) == center_id))
    start = func.coalesce(col(Campaign.starts_at), col(Campaign.send_at))
    names = ("id", "title", "state", "ends_at", "audience_count", "window_minutes", "relay_minutes", "planned_at")
    rows = await tx.table(
        select(*(col(getattr(Campaign, name)) for name in names), start.label("begins"), _open().label("is_open"))
        .where(
            col(Campaign.center_id) == center_id,
            col(Campaign.state) != Control.CANCELLED,
            start < ends,
            or_(col(Campaign.ends_at).is_(None), col(Campaign.ends_at) > begins),
        )
        .order_by(start, col(Campaign.id))
        .limit(MOST)
    )
    events = [one for one in map(_event, rows) if one.ends > begins]
    return Calendar(zone[0][0], events, await _collisions(tx, events))


def _open() -> Any:
    """Whether a relay of the campaign is not settled yet."""
    return exists().where(col(Relay.campaign_id) == col(Campaign.id), col(Relay.state).in_(OPEN))


def _event(row: Any) -> Event:
    length = timedelta(minutes=row.window_minutes + row.relay_minutes)
    over = row.planned_at is not None and row.state is not Control.SCHEDULED and not row.is_open
    return Event(row.id, row.title, row.state, row.begins, row.ends_at or row.begins + length, row.audience_count, over)


async def _collisions(tx: Tx, events: Sequence[Event]) -> list[Collision]:
    ahead = [one for one in events if one.groups and not one.finished and one.ends > tx.now]
    pairs = [pair for pair in combinations(ahead, 2) if _close(*pair)][:MOST_PAIRS]
    accounts = await _accounts(tx, [one.id for one in ahead]) if pairs else {}
    found = []
    for first, second in pairs:
        soon = second.begins - first.begins < TOO_SOON
        groups = await _in_both(tx, first.id, second.id) if soon else 0
        both = accounts.get(first.id, {}).keys() & accounts.get(second.id, {}).keys()
        names = sorted(accounts[first.id][one] for one in both) if second.begins < first.ends else []
        if groups or names:
            found.append(Collision(first, second, groups, names))
    return found


def _close(first: Event, second: Event) -> bool:
    return second.begins - first.begins < TOO_SOON or second.begins < first.ends


async def _in_both(tx: Tx, first: str, second: str) -> int:
    other = aliased(CampaignGroup)
    rows = await tx.table(
        select(func.count())
        .select_from(CampaignGroup)
        .join(other, (col(other.group_id) == col(CampaignGroup.group_id)) & (col(other.campaign_id) == second))
        .where(col(CampaignGroup.campaign_id) == first)
    )
    count: int = rows[0][0]
    return count


async def _accounts(tx: Tx, campaign_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """The accounts that post for each of these campaigns, by id."""
    rows = await tx.table(
        select(col(Lane.campaign_id), col(Account.id), col(Account.name))
        .join(Account, col(Account.id) == col(Lane.account_id))
        .where(col(Lane.campaign_id).in_(campaign_ids))
    )
    found: dict[str, dict[str, str]] = {}
    for campaign_id, account_id, name in rows:
        found.setdefault(campaign_id, {})[account_id] = name
    return found
