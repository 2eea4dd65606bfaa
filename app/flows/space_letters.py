"""Space letters: two letters to one leader about different campaigns lie a quarter of an hour apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.core.db import Tx
from app.domain.campaigns.states import Priority
from app.domain.deliveries import store as deliveries
from app.domain.escalation.rules import QUARTER
from app.flows.brief import Campaign
from app.flows.correspond import Part


def waits(
    campaign: Campaign, parts: Sequence[Part], recent: Sequence[tuple[frozenset[str], datetime]]
) -> datetime | None:
    """Until when this letter waits, because another campaign has just written to this leader, or is about to. An
    incident waits for nobody."""
    if campaign.priority is Priority.INCIDENT:
        return None
    ours = {about.id for about, _ in parts}
    least = min(relay.deadline_at for _, mine in parts for relay in mine)
    return max((at + QUARTER for about, at in recent if not about & ours and at + QUARTER < least), default=None)


async def rest(tx: Tx, campaign: Campaign, until: Mapping[str, datetime]) -> dict[str, datetime]:
    """Until when letters of this campaign wait for those of these leaders to whom another has just written, or is
    about to; each has nothing to say any more at his `until`. An incident waits for nobody."""
    if campaign.priority is Priority.INCIDENT:
        return {}
    recent = await deliveries.nudges_about(tx, list(until), tx.now - QUARTER)
    rests = {
        leader: [
            at + QUARTER for about, at in recent.get(leader, ()) if campaign.id not in about and at + QUARTER < over
        ]
        for leader, over in until.items()
    }
    return {leader: at for leader, some in rests.items() if (at := max(some, default=tx.now)) > tx.now}
