"""The rows a forest is planted as, each with what all of its kind have in common."""

from datetime import datetime, timedelta
from typing import Any

from app.core import ids
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import Cascade, Priority, RouteChoice
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Absence, Assignment, Branch, Group, Leader
from app.domain.escalation.rules import Step, stamp
from app.domain.quorum.rules import Ask
from app.domain.quorum.rules import stamp as stamp_quorum
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Relay

WINDOW = timedelta(minutes=100)


def leader(center_id: str, now: datetime, *, contact: str) -> Leader:
    """Named by his id, so that the journal tells who is meant."""
    leader_id = ids.new("ldr")
    stamps: dict[str, Any] = {"created_at": now, "updated_at": now}
    named: dict[str, Any] = {"id": leader_id, "name": leader_id, "name_key": leader_id}
    return Leader(**named, center_id=center_id, contact_kind=contact, contact="5001", language="en", **stamps)


def account(center_id: str, now: datetime) -> Account:
    named: dict[str, Any] = {
        "id": ids.new("acc"),
        "name": "bot",
        "name_key": "bot",
        "platform": "telegram",
        "channel": "telegram",
    }
    return Account(**named, center_id=center_id, status=Status.ACTIVE, created_at=now, updated_at=now)


def branch(center_id: str, parent_id: str | None, now: datetime) -> Branch:
    path = ids.new("brn")
    return Branch(
        id=path, center_id=center_id, parent_id=parent_id, name=path, path=path, path_key=path, created_at=now
    )


def assigned(center_id: str, leader_id: str, **where: Any) -> Assignment:
    return Assignment(id=ids.new("asg"), center_id=center_id, leader_id=leader_id, **{"rank": 0, **where})


def group(center_id: str, branch_id: str, now: datetime) -> Group:
    group_id = ids.new("grp")
    named: dict[str, Any] = {
        "id": group_id,
        "name": group_id,
        "address": group_id,
        "address_key": group_id,
        "platform": "manual",
    }
    where: dict[str, Any] = {"center_id": center_id, "branch_id": branch_id, "created_at": now, "updated_at": now}
    return Group(**named, **where, tags=[], routes=["leader"], status=GroupStatus.ACTIVE)


def absence(center_id: str, leader_id: str, begins: datetime, until: datetime) -> Absence:
    times: dict[str, Any] = {"from_at": begins, "until_at": until, "created_at": begins}
    return Absence(id=ids.new("abs"), center_id=center_id, leader_id=leader_id, **times)


def campaign(
    center_id: str, now: datetime, *, steps: tuple[Step, ...], cascade: Cascade, quorum: list[Ask], priority: Priority
) -> Campaign:
    """Asked for at this moment, with a deadline a WINDOW away."""
    return Campaign(
        id=ids.new("cmp"),
        center_id=center_id,
        title="tree",
        state=Control.RUNNING,
        texts={"": "words"},
        variables={},
        audience={},
        route=RouteChoice.AUTO,
        priority=priority,
        relay_minutes=WINDOW.total_seconds() / 60,
        min_gap_s=0,
        max_gap_s=0,
        escalation=stamp(steps),
        cascade=cascade,
        quorum=stamp_quorum(quorum),
        seed="seed",
        created_at=now,
        created_by="test",
        starts_at=now,
        planned_at=now,
        ends_at=now + WINDOW,
    )


def relay(campaign: Campaign, group_id: str, branch_id: str, *, text_id: str, first: str) -> Relay:
    """Its first leader's to do, and not yet handed to him."""
    now = campaign.created_at
    return Relay(
        id=ids.within("rel", campaign.id, group_id),
        center_id=campaign.center_id,
        campaign_id=campaign.id,
        group_id=group_id,
        branch_id=branch_id,
        state=State.PLANNED,
        route=Route.LEADER,
        text_id=text_id,
        leader_id=first,
        starts_at=now,
        deadline_at=now + WINDOW,
        changed_at=now,
    )
