"""What a leader sees behind a relay link: the campaign, and each of the groups that wait for this person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.directory.tables import Group, Leader
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Relay

WAITING = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
_SHOWN = (*WAITING, State.RELAYED, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Entry:
    """One group: its name, the finished text, and how the ledger stands. `timezone` is the group's own or None."""

    id: str
    group: str
    platform: str
    text: str
    state: State
    reason: str
    late: bool
    deadline_at: datetime
    next_step_at: datetime | None
    timezone: str | None

    @property
    def waiting(self) -> bool:
        """Whether the leader still has something to do; a late word still counts."""
        return self.state in WAITING


@dataclass(frozen=True)
class RelayPage:
    """One leader's part of one campaign, at `at`. Entries that wait come first."""

    at: datetime
    center: str
    timezone: str | None
    campaign_id: str
    title: str
    control: Control
    leader_id: str
    leader: str
    language: str | None
    entries: tuple[Entry, ...]

    @property
    def called_off(self) -> bool:
        return self.control is Control.CANCELLED


async def relay_page(tx: Tx, center_id: str, *, campaign_id: str, leader_id: str) -> RelayPage | None:
    """The page of this leader in this campaign; None when the center has no such leader or campaign."""
    heads = await tx.table(
        select(
            col(Center.name),
            col(Center.timezone),
            col(Campaign.title),
            col(Campaign.state),
            col(Leader.name),
            col(Leader.language),
        )
        .select_from(Campaign)
        .join(Center, col(Center.id) == col(Campaign.center_id))
        .join(Leader, col(Leader.center_id) == col(Campaign.center_id))
        .where(col(Campaign.id) == campaign_id, col(Campaign.center_id) == center_id, col(Leader.id) == leader_id)
    )
    if not heads:
        return None
    [(center, timezone, title, control, leader, language)] = heads
    entries = await _entries(tx, center_id, campaign_id=campaign_id, leader_id=leader_id)
    return RelayPage(
        at=tx.now,
        center=center,
        timezone=timezone,
        campaign_id=campaign_id,
        title=title,
        control=control,
        leader_id=leader_id,
        leader=leader,
        language=language,
        entries=tuple(sorted(entries, key=lambda entry: (not entry.waiting, entry.deadline_at, entry.group, entry.id))),
    )


async def _entries(tx: Tx, center_id: str, *, campaign_id: str, leader_id: str) -> list[Entry]:
    rows = await tx.joined(
        select(Relay, col(Group.name), col(Group.platform), col(Group.timezone), col(CampaignText.body))
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(CampaignText, col(CampaignText.id) == col(Relay.text_id))
        .where(
            col(Relay.center_id) == center_id,
            col(Relay.campaign_id) == campaign_id,
            col(Relay.leader_id) == leader_id,
            col(Relay.route) == Route.LEADER,
            col(Relay.state).in_(_SHOWN),
        )
    )
    return [
        Entry(
            id=relay.id,
            group=name,
            platform=platform,
            text=body or "",
            state=relay.state,
            reason=relay.reason,
            late=relay.late,
            deadline_at=relay.deadline_at,
            next_step_at=relay.next_step_at,
            timezone=timezone,
        )
        for relay, name, platform, timezone, body in rows
    ]
