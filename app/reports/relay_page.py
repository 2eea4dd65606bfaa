"""What a leader sees behind a relay link: the campaign, and each of the groups that wait for this person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.channels.chats import chat_link
from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.directory.tables import Group, Headquarters, Leader
from app.domain.escalation.rules import Action, Step, due_at, read
from app.domain.recalls.tables import Recall
from app.domain.relays.rules import coded
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Holding, Relay
from app.reports.branch_page import leads
from app.reports.wanting import Asked, wanting

WAITING = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
_SHOWN = (*WAITING, State.RELAYED, State.FAILED, State.CANCELLED)
_LAST_RESORT = (State.PLANNED, State.POSTING, State.UNCERTAIN, *_SHOWN)


@dataclass(frozen=True)
class Entry:
    """One group: its name, the finished text, and how the ledger stands. `timezone` is the group's own or None. `now`
    is who has it, where that is somebody else by now; `bot` that an account is to post it instead; `ahead` are the
    policy's steps still to come, each with its time. Where a `code` stands in the group's post, `words` is the text
    without it; `tries_spent` that so many wrong ones were told that his word alone counts. `chat` opens it in its own
    app. `in_task`: his platform has asked him to send it, and will tell whether he did. `may_show`: of what he said
    is done, he may hand in a picture still, the newest of which was `shown_at`. What was missed and is taken back reads
    as called off."""

    id: str
    group: str
    platform: str
    words: str
    state: State
    reason: str
    late: bool
    deadline_at: datetime
    timezone: str | None
    now: str | None
    bot: bool
    ahead: tuple[tuple[datetime, Action], ...]
    chat: str | None
    wants_proof: bool = False
    code: str = ""
    tries_spent: bool = False
    in_task: bool = False
    may_show: bool = False
    shown_at: datetime | None = None

    @property
    def text(self) -> str:
        """What goes into the group."""
        return coded(self.words, self.code) if self.code else self.words

    @property
    def passed(self) -> bool:
        """Whether it is somebody else's, or an account's, by now."""
        return self.state is not State.RELAYED and (self.now is not None or self.bot)

    @property
    def waiting(self) -> bool:
        """Whether the leader still has something to do; a late word still counts."""
        return self.state in WAITING and not self.passed


@dataclass(frozen=True)
class RelayPage:
    """One leader's part of one campaign, at `at`. Entries that wait come first. `leads`: he has a branch with groups of
    it."""

    at: datetime
    center: str
    timezone: str | None
    campaign_id: str
    title: str
    control: Control
    leader_id: str
    leader: str
    language: str | None
    reachable: bool
    main_group: bool
    leads: bool
    picture_id: str | None
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
            col(Leader.contact_kind),
            col(Campaign.escalation),
            col(Campaign.seed),
            col(Campaign.proof_percent),
            col(Campaign.proof),
            col(Headquarters.main_group_id),
            col(Campaign.picture_id),
        )
        .select_from(Campaign)
        .join(Center, col(Center.id) == col(Campaign.center_id))
        .join(Leader, col(Leader.center_id) == col(Campaign.center_id))
        .outerjoin(Headquarters, col(Headquarters.center_id) == col(Campaign.center_id))
        .where(col(Campaign.id) == campaign_id, col(Campaign.center_id) == center_id, col(Leader.id) == leader_id)
    )
    if not heads:
        return None
    [(center, timezone, title, control, leader, language, contact, policy, *asks, main_group, picture)] = heads
    entries = await _entries(tx, center_id, campaign_id=campaign_id, leader_id=leader_id, steps=read(policy))
    wants = await wanting(tx, Asked(*asks), {one.id: one.state for one in entries}, leader_id=leader_id)
    entries = [replace(one, **wants[one.id]._asdict()) if one.id in wants else one for one in entries]
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
        reachable=contact != "none",
        main_group=main_group is not None,
        leads=await leads(tx, center_id, campaign_id=campaign_id, leader_id=leader_id),
        picture_id=picture,
        entries=tuple(sorted(entries, key=lambda entry: (not entry.waiting, entry.deadline_at, entry.group, entry.id))),
    )


async def _entries(tx: Tx, center_id: str, *, campaign_id: str, leader_id: str, steps: Sequence[Step]) -> list[Entry]:
    had = select(col(Holding.relay_id)).where(
        col(Holding.leader_id) == leader_id,
        col(Holding.campaign_id) == campaign_id,
        col(Holding.withdrawn).is_(False),
    )
    asked = col(Relay.route) == Route.LEADER
    instead = (col(Relay.route) == Route.BOT) & col(Relay.assigned_at).is_not(None)
    rows = await tx.joined(
        select(
            Relay,
            col(Group.name),
            col(Group.platform),
            col(Group.timezone),
            col(CampaignText.body),
            col(Leader.name),
            col(Group.address),
            col(Account.base_url),
            col(Recall.relay_id).label("withdrawn"),
        )
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(CampaignText, col(CampaignText.id) == col(Relay.text_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
        .outerjoin(Account, col(Account.id) == col(Group.account_id))
        .outerjoin(Recall, col(Recall.relay_id) == col(Relay.id))
        .where(
            col(Relay.center_id) == center_id,
            col(Relay.campaign_id) == campaign_id,
            (col(Relay.leader_id) == leader_id) | col(Relay.id).in_(had),
            (asked & col(Relay.state).in_(_SHOWN)) | (instead & col(Relay.state).in_(_LAST_RESORT)),
        )
    )
    return [_entry(tx.now, leader_id, steps, row) for row in rows]


def _entry(now: datetime, leader_id: str, steps: Sequence[Step], row: Any) -> Entry:
    relay, name, platform, timezone, body, holder, address, site, withdrawn = row
    times = [
        (due_at(steps, place, starts_at=relay.assigned_at or now, deadline_at=relay.deadline_at), steps[place].action)
        for place in range(relay.steps_taken, len(steps))
    ]
    return Entry(
        id=relay.id,
        group=name,
        platform=platform,
        words=body or "",
        state=State.CANCELLED if withdrawn and relay.state is State.MISSED else relay.state,
        reason=relay.reason,
        late=relay.late,
        deadline_at=relay.deadline_at,
        timezone=timezone,
        now=holder if relay.leader_id != leader_id else None,
        bot=relay.route is Route.BOT,
        in_task=relay.task_id is not None and relay.leader_id == leader_id,
        chat=chat_link(platform, address, site),
        ahead=tuple((at, action) for at, action in times if at is not None and at > now),
    )


async def title_of(tx: Tx, campaign_id: str) -> str | None:
    """The title of a campaign."""
    rows = await tx.table(select(col(Campaign.title)).where(col(Campaign.id) == campaign_id))
    return rows[0].title if rows else None
