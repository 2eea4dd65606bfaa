"""One campaign as a report: totals, the curve, branches, platforms, and whoever did not get it, with who was told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as whole

from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.campaigns.tables import Campaign
from app.domain.directory.tables import Group
from app.domain.relays.states import MISSING
from app.domain.relays.tables import Relay
from app.reports.missed import Missed, missed
from app.reports.progress import Progress, progress
from app.reports.timeline import Timeline, timeline
from app.reports.tree import Node, tree

MOST = 1_000
"""Groups that are listed by name."""


@dataclass(frozen=True)
class CampaignReport:
    """`zone` is the center's; `unlisted` groups that did not get it are counted but not named."""

    center: str
    zone: str | None
    campaign: Any
    progress: Progress
    timeline: Timeline
    branches: Sequence[Node]
    platforms: Sequence[tuple[str, Mapping[str, int]]]
    missed: Sequence[Missed]
    unlisted: int


async def campaign_report(tx: Tx, center_id: str, campaign: Campaign) -> CampaignReport:
    center = await tx.first(whole(Center).where(col(Center.id) == center_id))
    assert center is not None
    seen = await progress(tx, campaign)
    page = await missed(tx, center_id, campaign.id, limit=MOST, cursor=None)
    return CampaignReport(
        center=center.name,
        zone=center.timezone,
        campaign=campaign,
        progress=seen,
        timeline=await timeline(tx, campaign),
        branches=await tree(tx, center_id, campaign.id),
        platforms=await platforms(tx, campaign.id),
        missed=page.items,
        unlisted=sum(seen.counts[state.value] for state in MISSING) - len(page.items),
    )


async def platforms(tx: Tx, campaign_id: str) -> list[tuple[str, Mapping[str, int]]]:
    """How many relays of each platform stand in each state; the largest platform first."""
    rows = await tx.table(
        select(col(Group.platform), col(Relay.state), func.count())
        .join(Group, col(Group.id) == col(Relay.group_id))
        .where(col(Relay.campaign_id) == campaign_id)
        .group_by(col(Group.platform), col(Relay.state))
    )
    found: dict[str, Counter[str]] = {}
    for platform, state, number in rows:
        found.setdefault(platform, Counter())[state.value] += number
    return sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0]))
