"""Today, in one center: what is under way, what went wrong, and what happens next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery, Gate
from app.domain.relays.states import MISSING, OPEN, State
from app.domain.relays.tables import Relay

LAUNCHED = (Control.RUNNING, Control.PAUSED)
STILL_SHOWN = timedelta(hours=24)
"""How long a campaign stays on the page after its last deadline."""
MOST = 50


@dataclass(frozen=True)
class UnderWay:
    """One campaign of today. `missing` counts what is missed, failed or uncertain."""

    id: str
    title: str
    control: Control
    ends_at: datetime | None
    groups: int
    counts: dict[str, int]
    finished: bool

    @property
    def missing(self) -> int:
        return sum(self.counts[state.value] for state in MISSING)


@dataclass(frozen=True)
class Unsure:
    """One post nobody knows the outcome of."""

    delivery_id: str
    campaign_id: str
    campaign: str
    count: int


@dataclass(frozen=True)
class Held:
    """An account that cannot send, or a gate that is closed: why, since when, until when."""

    name: str
    reason: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Next:
    """A campaign whose hour is still to come."""

    id: str
    title: str
    at: datetime | None


@dataclass(frozen=True)
class Standing:
    """How many campaigns run, and how many messages wait or are on their way."""

    campaigns: int
    waiting: int


@dataclass(frozen=True)
class Today:
    under_way: Sequence[UnderWay]
    unsure: Sequence[Unsure]
    broken: Sequence[Held]
    gates: Sequence[Held]
    coming: Sequence[Next]
    pending: Sequence[Next]


async def today(tx: Tx, center_id: str) -> Today:
    under_way = await _under_way(tx, center_id)
    return Today(
        under_way=under_way,
        unsure=await _unsure(tx, [one.id for one in under_way], {one.id: one.title for one in under_way}),
        broken=await _broken(tx, center_id),
        gates=await _gates(tx, center_id),
        coming=await _coming(tx, center_id),
        pending=await _pending(tx, center_id),
    )


async def standing(tx: Tx, center_id: str) -> Standing:
    running = select(col(Campaign.id)).where(col(Campaign.center_id) == center_id, col(Campaign.state) == "running")
    open_ones = await tx.table(running.where(_still_open()))
    states = (DeliveryState.DUE, DeliveryState.SENDING)
    waiting = await tx.table(
        select(func.count()).where(col(Delivery.campaign_id).in_(running), col(Delivery.state).in_(states))
    )
    return Standing(len(open_ones), waiting[0][0])


def _still_open() -> Any:
    return or_(
        col(Campaign.planned_at).is_(None),
        exists().where(col(Relay.campaign_id) == col(Campaign.id), col(Relay.state).in_(OPEN)),
    )


async def _under_way(tx: Tx, center_id: str) -> list[UnderWay]:
    campaigns = await tx.table(
        select(*(col(getattr(Campaign, name)) for name in ("id", "title", "state", "ends_at", "planned_at")))
        .where(
            col(Campaign.center_id) == center_id,
            col(Campaign.state).in_(LAUNCHED),
            or_(col(Campaign.ends_at) > tx.now - STILL_SHOWN, _still_open()),
        )
        .order_by(col(Campaign.id).desc())
        .limit(MOST)
    )
    counted = await counts(tx, [row.id for row in campaigns])
    return [_one(row, counted[row.id]) for row in campaigns]


def _one(row: Any, counted: dict[str, int]) -> UnderWay:
    return UnderWay(
        id=row.id,
        title=row.title,
        control=row.state,
        ends_at=row.ends_at,
        groups=sum(counted.values()),
        counts=counted,
        finished=row.planned_at is not None and not any(counted[state.value] for state in OPEN),
    )


async def counts(tx: Tx, campaign_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many relays of each campaign stand in each state; every state is named."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {state.value: 0 for state in State})
    rows = await tx.table(
        select(col(Relay.campaign_id), col(Relay.state), func.count())
        .where(col(Relay.campaign_id).in_(campaign_ids))
        .group_by(col(Relay.campaign_id), col(Relay.state))
    )
    for campaign_id, state, number in rows:
        found[campaign_id][state.value] = number
    return found


async def _unsure(tx: Tx, campaign_ids: Sequence[str], titles: dict[str, str]) -> list[Unsure]:
    rows = await tx.table(
        select(col(Delivery.campaign_id), func.min(col(Delivery.id)), func.count())
        .where(col(Delivery.campaign_id).in_(campaign_ids), col(Delivery.state) == DeliveryState.UNCERTAIN)
        .group_by(col(Delivery.campaign_id))
    )
    return [Unsure(first, campaign_id, titles[campaign_id], number) for campaign_id, first, number in rows]


async def _broken(tx: Tx, center_id: str) -> list[Held]:
    rows = await tx.table(
        select(col(Account.name), col(Account.status_reason), col(Account.updated_at))
        .where(col(Account.center_id) == center_id, col(Account.status) == Status.REFUSED)
        .order_by(col(Account.name_key))
    )
    return [Held(name, reason, since, None) for name, reason, since in rows]


async def _gates(tx: Tx, center_id: str) -> list[Held]:
    """What is closed now: accounts, paused campaigns. The center's own gate is the kill switch, which every page
    shows."""
    name = func.coalesce(col(Account.name), col(Campaign.title)).label("name")
    rows = await tx.table(
        select(name, col(Gate.reason), col(Gate.since), col(Gate.until))
        .outerjoin(
            Account,
            and_(
                col(Account.id) == col(Gate.subject),
                col(Account.center_id) == center_id,
                col(Account.status) == Status.ACTIVE,
            ),
        )
        .outerjoin(
            Campaign,
            and_(
                col(Campaign.id) == col(Gate.subject),
                col(Campaign.center_id) == center_id,
                col(Campaign.state) != Control.CANCELLED,
            ),
        )
        .where(name.is_not(None), or_(col(Gate.until).is_(None), col(Gate.until) > tx.now))
        .order_by(col(Gate.since))
        .limit(MOST)
    )
    return [Held(*row) for row in rows]


async def _coming(tx: Tx, center_id: str) -> list[Next]:
    rows = await tx.table(
        select(col(Campaign.id), col(Campaign.title), func.coalesce(col(Campaign.starts_at), col(Campaign.send_at)))
        .where(col(Campaign.center_id) == center_id, col(Campaign.state) == Control.SCHEDULED)
        .order_by(col(Campaign.send_at))
        .limit(MOST)
    )
    return [Next(*row) for row in rows]


async def _pending(tx: Tx, center_id: str) -> list[Next]:
    """What waits for a second person, the oldest first, and when it was drafted."""
    rows = await tx.table(
        select(col(Campaign.id), col(Campaign.title), col(Campaign.created_at))
        .where(col(Campaign.center_id) == center_id, col(Campaign.state) == Control.PENDING_APPROVAL)
        .order_by(col(Campaign.id))
        .limit(MOST)
    )
    return [Next(*row) for row in rows]
