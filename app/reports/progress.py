"""How far a campaign is, counted from its relays, never from a counter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.core.journal import JournalLine, Subject
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery
from app.domain.relays.states import OPEN, State
from app.domain.relays.tables import Relay


@dataclass(frozen=True)
class Progress:
    """`status` is the control state until the ledger says `finished`: launched, planned, and no relay open. One that
    was cancelled after that, by a recall or a correction, has finished all the same: nothing was called off by it.
    `counts` has every relay state, `expected` the groups of the frozen audience, with relays or not yet; `eta` is the
    last deadline still to come; `finished_at` the last relay's change."""

    status: str
    groups: int
    expected: int
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
    called_off = campaign.state is Control.CANCELLED and bool(await _called_off(tx, [campaign.id]))
    return Progress(
        status="finished" if finished and not called_off else campaign.state.value,
        groups=sum(counts.values()),
        expected=campaign.audience_count,
        counts=counts,
        late=late[0][0],
        started_at=campaign.starts_at,
        eta=max((row[3] for row in still_open), default=None) if not finished else None,
        finished_at=max((row[2] for row in rows), default=None) if finished else None,
    )


async def status_of(tx: Tx, campaign: Campaign) -> str:
    """The `status` of Progress alone, without counting anything."""
    return (await statuses(tx, [campaign]))[campaign.id]


async def statuses(tx: Tx, campaigns: Sequence[Campaign]) -> dict[str, str]:
    """The `status` of each of these, without counting anything."""
    planned = [one.id for one in campaigns if one.planned_at is not None]
    some_open = select(col(Relay.id)).where(col(Relay.campaign_id) == col(Campaign.id), col(Relay.state).in_(OPEN))
    rows = await tx.table(select(col(Campaign.id)).where(among(col(Campaign.id), planned), ~some_open.exists()))
    over = {row.id for row in rows}
    cancelled = [one.id for one in campaigns if one.id in over and one.state is Control.CANCELLED]
    over -= await _called_off(tx, cancelled)
    return {one.id: "finished" if one.id in over else one.state.value for one in campaigns}


async def _called_off(tx: Tx, campaign_ids: Sequence[str]) -> set[str]:
    """Those of these cancelled campaigns whose cancellation called off a relay: they had not finished."""
    rows = await tx.table(
        select(col(Relay.campaign_id))
        .join(
            JournalLine,
            and_(
                col(JournalLine.thread) == col(Relay.campaign_id),
                col(JournalLine.subject) == Subject.CAMPAIGN,
                col(JournalLine.became) == Control.CANCELLED.value,
                col(JournalLine.at) <= col(Relay.changed_at),
            ),
        )
        .where(among(col(Relay.campaign_id), campaign_ids), col(Relay.state) == State.CANCELLED)
        .distinct()
    )
    return {row.campaign_id for row in rows}


async def larger(tx: Tx, campaign_id: str, *, than: int) -> bool:
    """Whether a campaign has more relays than this; looks at no more of them."""
    return bool(
        await tx.table(select(col(Relay.id)).where(col(Relay.campaign_id) == campaign_id).offset(than).limit(1))
    )


async def delivery_counts(tx: Tx, campaign_id: str) -> dict[str, int]:
    """How many deliveries of a campaign stand in each state."""
    rows = await tx.table(
        select(col(Delivery.state), func.count())
        .where(col(Delivery.campaign_id) == campaign_id)
        .group_by(col(Delivery.state))
    )
    found = {row[0]: row[1] for row in rows}
    return {state.value: found.get(state, 0) for state in DeliveryState}
