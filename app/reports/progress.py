"""How far a campaign is, counted from its relays, never from a counter."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery
from app.domain.relays.states import OPEN, State
from app.domain.relays.tables import Relay


@dataclass(frozen=True)
class Progress:
    """`status` is the control state until the ledger says `finished`: launched, planned, and no relay open.
    `counts` has every relay state; `eta` is the last deadline still to come; `finished_at` the last relay's change."""

    status: str
    groups: int
    counts: dict[str, int]
    late: int
    started_at: datetime | None
    eta: datetime | None
    finished_at: datetime | None


async def progress(tx: Tx, campaign: Campaign) -> Progress:
    rows = await tx.table(
        select(col(Relay.state), func.count(), func.max(col(Relay.changed_at)), func.max(col(Relay.deadline_at)))
        .where(col(Relay.campaign_id) == campaign.id)
        .group_by(col(Relay.state))
    )
    found = {row[0]: row for row in rows}
    counts = {state.value: found[state][1] if state in found else 0 for state in State}
    still_open = [found[state] for state in OPEN if state in found]
    finished = campaign.planned_at is not None and not still_open
    late = await tx.table(
        select(func.count()).where(
            col(Relay.campaign_id) == campaign.id, col(Relay.late), col(Relay.state) == State.RELAYED
        )
    )
    over = finished and campaign.state in {Control.RUNNING, Control.PAUSED}
    return Progress(
        status="finished" if over else campaign.state.value,
        groups=sum(counts.values()),
        counts=counts,
        late=late[0][0],
        started_at=campaign.starts_at,
        eta=max((row[3] for row in still_open), default=None) if not finished else None,
        finished_at=max((row[2] for row in rows), default=None) if finished else None,
    )


async def status_of(tx: Tx, campaign: Campaign) -> str:
    """The `status` of Progress alone, without counting anything."""
    if campaign.planned_at is None or campaign.state not in {Control.RUNNING, Control.PAUSED}:
        return campaign.state.value
    still_open = select(col(Relay.id)).where(col(Relay.campaign_id) == campaign.id, col(Relay.state).in_(OPEN))
    return campaign.state.value if await tx.table(still_open.limit(1)) else "finished"


async def delivery_counts(tx: Tx, campaign_id: str) -> dict[str, int]:
    """How many deliveries of a campaign stand in each state."""
    rows = await tx.table(
        select(col(Delivery.state), func.count())
        .where(col(Delivery.campaign_id) == campaign_id)
        .group_by(col(Delivery.state))
    )
    found = {row[0]: row[1] for row in rows}
    return {state.value: found.get(state, 0) for state in DeliveryState}
