"""Which groups missed it, and who is on it: the question Muster exists to answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from app.channels.chats import chat_link
from app.core import paging
from app.core.bulk import among
from app.core.db import Tx
from app.domain.accounts.tables import Account
from app.domain.campaigns.tables import Campaign
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.domain.escalation.rules import PASSING, Action, Step, read
from app.domain.relays.states import Part, State
from app.domain.relays.tables import MISSING_NOW, Holding, Relay


@dataclass(frozen=True)
class Told:
    """Somebody who was asked for a group, in whose part, from when on, and until when where it went to another."""

    leader_id: str
    leader: str
    part: Part
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Missed:
    """One group that has not got it. `since` is when it fell behind; `told` who was asked, the first first, the one
    who is on it last; `next_step` says what happens next, of its own accord at `next_step_at`. `chat` opens the group
    in its own app."""

    relay_id: str
    group_id: str
    group: str
    platform: str
    chat: str | None
    branch: str | None
    leader_id: str | None
    leader: str | None
    deputies: Sequence[str]
    state: State
    reason: str
    since: datetime
    deadline_at: datetime
    nudges: int
    told: Sequence[Told]
    next_step: str
    next_step_at: datetime | None
    next_action: Action | None


async def missed(tx: Tx, center_id: str, campaign_id: str, *, limit: int, cursor: str | None) -> paging.Page[Missed]:
    """Every relay that is missed, failed or uncertain, by id. Until somebody acts, none of them leaves this list."""
    query = (
        select(
            *(col(getattr(Relay, name)) for name in ("id", "group_id", "branch_id", "leader_id", "state", "reason")),
            *(col(getattr(Relay, name)) for name in ("deadline_at", "nudges", "changed_at", "route")),
            *(col(getattr(Relay, name)) for name in ("assigned_at", "steps_taken", "next_step_at")),
            col(Group.name).label("group"),
            col(Group.platform).label("platform"),
            col(Group.address).label("address"),
            col(Account.base_url).label("site"),
            col(Branch.path).label("branch"),
            col(Leader.name).label("leader"),
        )
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(Branch, col(Branch.id) == col(Relay.branch_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
        .outerjoin(Account, col(Account.id) == col(Group.account_id))
        .where(
            col(Relay.campaign_id) == campaign_id,
            col(Relay.center_id) == center_id,
            text("relay." + MISSING_NOW),
        )
        .order_by(col(Relay.id))
        .limit(limit + 1)
    )
    after = paging.decode(cursor)
    rows = await tx.table(query if after is None else query.where(col(Relay.id) > after))
    shown = rows[:limit]
    deputies = await _deputies(tx, shown)
    told = await _told(tx, [row.id for row in shown])
    steps = await _steps(tx, campaign_id)
    more = paging.encode(shown[-1].id) if len(rows) > limit else None
    return paging.Page([_missed(row, deputies, told, steps) for row in shown], more)


async def _steps(tx: Tx, campaign_id: str) -> Sequence[Step]:
    """What this campaign's policy does about those who have not relayed, the first first."""
    rows = await tx.table(select(col(Campaign.escalation)).where(col(Campaign.id) == campaign_id))
    return read(rows[0].escalation) if rows else ()


def _missed(
    row: Any, deputies: dict[str, list[tuple[str, str]]], told: dict[str, list[Told]], steps: Sequence[Step]
) -> Missed:
    asked = row.leader_id and row.assigned_at
    first = [Told(row.leader_id, row.leader, Part.PRIMARY, row.assigned_at, None)] if asked else []
    others = [name for leader, name in deputies.get(row.group_id, []) if leader != row.leader_id]
    action = _next_action(row, steps)
    return Missed(
        relay_id=row.id,
        group_id=row.group_id,
        group=row.group,
        platform=row.platform,
        chat=chat_link(row.platform, row.address, row.site),
        branch=row.branch,
        leader_id=row.leader_id,
        leader=row.leader,
        deputies=others,
        state=row.state,
        reason=row.reason,
        since=row.deadline_at if row.state is State.MISSED else row.changed_at,
        deadline_at=row.deadline_at,
        nudges=row.nudges,
        told=told.get(row.id, first),
        next_step=_next_step(row, action),
        next_step_at=row.next_step_at,
        next_action=action,
    )


_NEXT = {
    Action.REMIND: "{leader} is reminded",
    Action.DEPUTY: "the next in line is asked",
    Action.BRANCH_LEADER: "the leader of the branch is asked",
    Action.HEAD: "the head of the center is asked",
    Action.BOT: "an account posts it, where one can",
}


def _next_step(row: Any, action: Action | None) -> str:
    if row.state is State.UNCERTAIN:
        return "look into the group, then settle the delivery as sent or not_sent"
    if action is not None:
        return f"{_NEXT[action].format(leader=row.leader or 'nobody')} at {row.next_step_at:%Y-%m-%d %H:%M} UTC"
    if row.leader:
        return f"{row.leader} can still confirm by link; it will count as late"
    return "nobody answers for this group: assign a leader, or post it by hand"


def _next_action(row: Any, steps: Sequence[Step]) -> Action | None:
    """What the policy does next, of its own accord."""
    ahead = steps[row.steps_taken :]
    if row.next_step_at is None or not ahead or row.state is State.UNCERTAIN:
        return None
    return next((one for one in ahead if row.state is not State.FAILED or one.action in PASSING), ahead[0]).action


async def _told(tx: Tx, relay_ids: Sequence[str]) -> dict[str, list[Told]]:
    """Who was asked for each of these relays that were passed on, the one who has it last."""
    found: defaultdict[str, list[Told]] = defaultdict(list)
    rows = await tx.table(
        select(*(col(getattr(Holding, name)) for name in ("relay_id", "leader_id", "part", "since", "until")))
        .add_columns(col(Leader.name))
        .join(Leader, col(Leader.id) == col(Holding.leader_id))
        .where(among(col(Holding.relay_id), relay_ids))
        .order_by(col(Holding.until).is_(None), col(Holding.since))
    )
    for row in rows:
        found[row.relay_id].append(Told(row.leader_id, row.name, row.part, row.since, row.until))
    return found


async def _deputies(tx: Tx, rows: Sequence[Any]) -> dict[str, list[tuple[str, str]]]:
    """For each group the people assigned to it, in order of rank."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    assigned = await tx.table(
        select(col(Assignment.group_id), col(Leader.id), col(Leader.name))
        .join(Leader, col(Leader.id) == col(Assignment.leader_id))
        .where(col(Assignment.group_id).in_([row.group_id for row in rows]))
        .order_by(col(Assignment.rank))
    )
    for group_id, leader_id, name in assigned:
        found[group_id].append((leader_id, name))
    return found
