"""What a regional leader sees behind his link: every group in his branch, who has it, how it stands; nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.cascade.rules import beneath
from app.domain.cascade.states import State as TierState
from app.domain.cascade.tables import Tier
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.domain.relays.states import MISSING, OPEN, Route, State
from app.domain.relays.tables import Holding, Relay

ROWS = 40
MOST_TEXTS, LONGEST_TEXT = 2, 3_000
ASKED = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
UNDER_WAY = (Control.RUNNING, Control.PAUSED)
_FIRST = {State.MISSED: 0, State.FAILED: 0, State.UNCERTAIN: 0, State.RELAYED: 3, State.SKIPPED: 4, State.CANCELLED: 4}


@dataclass(frozen=True)
class Place:
    """One group of the branch. `leader` is who has it, empty where nobody has or where it went to somebody outside the
    branch (`outside`); `first` who comes before that leader and has not read it yet."""

    id: str
    group: str
    platform: str
    leader_id: str | None
    leader: str
    outside: bool
    bot: bool
    state: State
    reason: str
    late: bool
    nudges: int
    first: str
    may_nudge: bool
    may_hand_over: bool


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
    rows = await tx.table(
        select(col(Branch.id), col(Branch.parent_id), col(Branch.path)).where(col(Branch.center_id) == center_id)
    )
    mine = await tx.table(
        select(col(Assignment.branch_id)).where(
            col(Assignment.leader_id) == leader_id,
            col(Assignment.center_id) == center_id,
            col(Assignment.branch_id).is_not(None),
        )
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
        places=await _places(tx, there, leader_id, inside, page=page, acts=control in UNDER_WAY),
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


async def _places(
    tx: Tx,
    there: tuple[ColumnElement[bool], ...],
    viewer: str,
    inside: Collection[str],
    *,
    page: int,
    acts: bool,
) -> list[Place]:
    names = ("id", "group_id", "leader_id", "route", "state", "reason", "late", "nudges")
    first = Leader.__table__.alias("first")  # type: ignore[attr-defined]
    rows = await tx.table(
        select(
            *(col(getattr(Relay, name)) for name in names),
            col(Group.name).label("group"),
            col(Group.platform),
            col(Leader.name).label("leader"),
            first.c.name.label("first"),
        )
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
        .outerjoin(Tier, col(Tier.id) == col(Relay.waits_for))
        .outerjoin(first, first.c.id == col(Tier.leader_id))
        .where(*there)
        .order_by(case(_FIRST, value=col(Relay.state), else_=1), col(Relay.deadline_at), col(Group.name), col(Relay.id))
        .offset((page - 1) * ROWS)
        .limit(ROWS)
    )
    people = {viewer, *await _people(tx, [row.leader_id for row in rows if row.leader_id], inside)}
    heirs = await _heirs(tx, [row.group_id for row in rows])
    had = await _had(tx, [row.id for row in rows])
    found = []
    for row in rows:
        before = {row.leader_id, *had.get(row.id, ())}
        found.append(_place(row, viewer, people, acts=acts, heirs={viewer, *heirs.get(row.group_id, ())} - before))
    return found


def _place(row: Any, viewer: str, people: Collection[str], *, acts: bool, heirs: Collection[str]) -> Place:
    acts = acts and row.route is Route.LEADER
    outside = row.leader_id is not None and row.leader_id not in people
    asked = row.state in ASKED
    return Place(
        **{name: getattr(row, name) for name in ("id", "group", "platform", "state", "reason", "late", "nudges")},
        leader_id=row.leader_id,
        leader="" if outside else row.leader or "",
        outside=outside,
        bot=row.route is Route.BOT,
        first=row.first or "" if row.state is State.PLANNED else "",
        may_nudge=acts and asked and row.leader_id is not None and row.leader_id != viewer and not outside,
        may_hand_over=acts and (asked or row.state is State.FAILED) and bool(heirs),
    )


async def _people(tx: Tx, leader_ids: Sequence[str], inside: Collection[str]) -> set[str]:
    """Those of these leaders who answer for something in these branches."""
    groups = select(col(Group.id)).where(among(col(Group.branch_id), list(inside)))
    rows = await tx.table(
        select(col(Assignment.leader_id)).where(
            among(col(Assignment.leader_id), leader_ids),
            among(col(Assignment.branch_id), list(inside)) | col(Assignment.group_id).in_(groups),
        )
    )
    return {row.leader_id for row in rows}


async def _heirs(tx: Tx, group_ids: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = select(col(Assignment.group_id), col(Assignment.leader_id))
    for row in await tx.table(query.where(among(col(Assignment.group_id), group_ids))):
        found.setdefault(row.group_id, set()).add(row.leader_id)
    return found


async def _had(tx: Tx, relay_ids: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = select(col(Holding.relay_id), col(Holding.leader_id)).where(among(col(Holding.relay_id), relay_ids))
    for row in await tx.table(query):
        found.setdefault(row.relay_id, set()).add(row.leader_id)
    return found
