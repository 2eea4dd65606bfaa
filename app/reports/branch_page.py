"""What a regional leader sees behind his link: every group in his branch, who has it, how it stands; nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.cascade.rules import beneath
from app.domain.cascade.states import State as TierState
from app.domain.cascade.tables import Tier
from app.domain.directory.tables import Assignment, Branch, Leader
from app.domain.relays.states import MISSING, OPEN, State
from app.domain.relays.tables import Relay
from app.reports.branch_places import ROWS, Place, places

MOST_TEXTS, LONGEST_TEXT = 2, 3_000
UNDER_WAY = (Control.RUNNING, Control.PAUSED)


@dataclass(frozen=True)
class BranchPage:
    """One leader's branches in one campaign. `counts` has the groups by state; `places` is one page of them, those that
    need somebody first. `until_at` is set while those beneath wait for his word."""

    at: datetime
    center: str
    timezone: str | None
    title: str
    control: Control
    leader: str
    language: str | None
    branches: Sequence[str]
    counts: dict[State, int]
    texts: Sequence[str]
    until_at: datetime | None
    read: bool
    places: Sequence[Place]
    page: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // ROWS))

    @property
    def lacking(self) -> int:
        return sum(self.counts.get(state, 0) for state in MISSING)

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN if state not in MISSING)

    @property
    def done(self) -> int:
        return self.counts.get(State.RELAYED, 0)

    @property
    def called_off(self) -> bool:
        return self.control is Control.CANCELLED


async def led_by(tx: Tx, center_id: str, leader_id: str) -> tuple[list[str], set[str]]:
    """The paths of the branches this leader answers for, and the ids of those with all below them."""
    mine = await tx.table(
        select(col(Assignment.branch_id)).where(
            col(Assignment.leader_id) == leader_id,
            col(Assignment.center_id) == center_id,
            col(Assignment.branch_id).is_not(None),
        )
    )
    if not mine:
        return [], set()
    rows = await tx.table(
        select(col(Branch.id), col(Branch.parent_id), col(Branch.path)).where(col(Branch.center_id) == center_id)
    )
    tops = {row.branch_id for row in mine}
    return sorted(row.path for row in rows if row.id in tops), beneath({r.id: r.parent_id for r in rows}, tops)


async def leads(tx: Tx, center_id: str, *, campaign_id: str, leader_id: str) -> bool:
    """Whether this leader has a branch with groups of this campaign."""
    _, inside = await led_by(tx, center_id, leader_id)
    if not inside:
        return False
    there = select(col(Relay.id)).where(
        col(Relay.campaign_id) == campaign_id, among(col(Relay.branch_id), list(inside))
    )
    return bool(await tx.table(there.limit(1)))


async def branch_page(tx: Tx, center_id: str, *, campaign_id: str, leader_id: str, page: int) -> BranchPage | None:
    """This leader's branches in this campaign; None where he leads none with a group of it."""
    heads = await tx.table(
        select(
            *(col(Center.name), col(Center.timezone), col(Campaign.title), col(Campaign.state)),
            *(col(Leader.name), col(Leader.language)),
        )
        .select_from(Campaign)
        .join(Center, col(Center.id) == col(Campaign.center_id))
        .join(Leader, col(Leader.center_id) == col(Campaign.center_id))
        .where(col(Campaign.id) == campaign_id, col(Campaign.center_id) == center_id, col(Leader.id) == leader_id)
    )
    paths, inside = await led_by(tx, center_id, leader_id)
    there = (col(Relay.campaign_id) == campaign_id, among(col(Relay.branch_id), list(inside)))
    counted = await tx.table(select(col(Relay.state), func.count()).where(*there).group_by(col(Relay.state)))
    if not heads or not counted:
        return None
    [(center, timezone, title, control, leader, language)] = heads
    counts = {row[0]: row[1] for row in counted}
    page = min(max(page, 1), -(-sum(counts.values()) // ROWS))
    until_at, read = await _his_tier(tx, campaign_id, leader_id)
    return BranchPage(
        at=tx.now,
        center=center,
        timezone=timezone,
        title=title,
        control=control,
        leader=leader,
        language=language,
        branches=paths,
        counts=counts,
        page=page,
        texts=await _texts(tx, there),
        until_at=until_at,
        read=read,
        places=await places(tx, there, leader_id, inside, page=page, acts=control in UNDER_WAY),
    )


async def _his_tier(tx: Tx, campaign_id: str, leader_id: str) -> tuple[datetime | None, bool]:
    rows = await tx.table(
        select(col(Tier.state), col(Tier.until_at)).where(
            col(Tier.campaign_id) == campaign_id, col(Tier.leader_id) == leader_id
        )
    )
    told = [row.until_at for row in rows if row.state is TierState.TOLD]
    unread = told or [row.until_at for row in rows if row.state is TierState.PASSED]
    return min(unread, default=None), not unread and any(row.state is TierState.READ for row in rows)


async def _texts(tx: Tx, there: tuple[ColumnElement[bool], ...]) -> list[str]:
    ids = select(col(Relay.text_id)).where(*there, col(Relay.text_id).is_not(None)).distinct().limit(MOST_TEXTS)
    bodies = await tx.table(
        select(col(CampaignText.body)).where(among(col(CampaignText.id), [row.text_id for row in await tx.table(ids)]))
    )
    return [row.body if len(row.body) <= LONGEST_TEXT else f"{row.body[:LONGEST_TEXT]}…" for row in bodies]
