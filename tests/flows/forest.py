"""A forest for virtual time: many random trees at once, each a campaign with its own people, policy and answers."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core import ids
from app.core.db import Database
from app.domain.access.tables import Center
from app.domain.campaigns.states import Priority, RouteChoice
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Absence, Assignment, Branch, Group, Headquarters, Leader
from app.domain.escalation.rules import Action, Step, stamp
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Relay

WINDOW = timedelta(minutes=100)
PASSES = (Action.DEPUTY, Action.BRANCH_LEADER, Action.HEAD)


@dataclass
class Tree:
    """One campaign. `line` is who answers for each relay, in order; `answers` what its first leader says, and when."""

    campaign_id: str
    steps: tuple[Step, ...]
    line: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    away: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)


@dataclass
class Forest:
    """`head` hears last in every tree."""

    center_id: str
    head: str
    trees: list[Tree] = field(default_factory=list)


def _leader(center_id: str, now: datetime) -> Leader:
    leader_id = ids.new("ldr")
    stamps = {"created_at": now, "updated_at": now}
    return Leader(id=leader_id, center_id=center_id, name=leader_id, name_key=leader_id, contact_kind="none", **stamps)


async def plant(db: Database, seed: int, trees: int) -> Forest:
    """So many trees, all asked for their first answers at this moment."""
    chance = random.Random(seed)
    async with db.write() as tx:
        center = Center(id=ids.new("cen"), name="forest", created_at=tx.now)
        head = _leader(center.id, tx.now)
        await tx.add(center)
        await tx.add(head)
        await tx.add(Headquarters(center_id=center.id, head_id=head.id))
        forest = Forest(center.id, head.id)
        for _ in range(trees):
            rows, tree = _tree(chance, center.id, tx.now)
            for batch in rows:
                await tx.add(*batch)
            forest.trees.append(tree)
    return forest


def _policy(chance: random.Random) -> tuple[Step, ...]:
    reminders = [Step(chance.randint(5, 99), Action.REMIND) for _ in range(chance.randint(0, 3))]
    passes = [Step(chance.randint(60, 250), chance.choice(PASSES)) for _ in range(chance.randint(0, 4))]
    return tuple(sorted([*reminders, *passes], key=lambda step: step.at_percent))


def _tree(chance: random.Random, center_id: str, now: datetime) -> tuple[list[list[Any]], Tree]:
    campaign = _campaign(chance, center_id, now)
    tree = Tree(campaign.id, _policy(chance))
    campaign.escalation = stamp(tree.steps)
    text = CampaignText(id=ids.new("txt"), campaign_id=campaign.id, body="words")
    branches, people, assigned, groups, relays = [], [], [], [], []
    above: list[str] = []
    for depth in range(chance.randint(1, 4)):
        path = ids.new("brn")
        parent = branches[-1].id if branches else None
        branches.append(
            Branch(id=path, center_id=center_id, parent_id=parent, name=path, path=path, path_key=path, created_at=now)
        )
        if chance.random() < 0.6 or depth == 0:
            person = _leader(center_id, now)
            people.append(person)
            assigned.append(_assigned(center_id, person.id, branch_id=path))
            above.insert(0, person.id)
    for _ in range(chance.randint(1, 3)):
        group = _group(center_id, branches[-1].id, now)
        own = [_leader(center_id, now) for _ in range(chance.randint(0, 3))]
        people += own
        assigned += [_assigned(center_id, one.id, group_id=group.id, rank=rank) for rank, one in enumerate(own)]
        line = [*(one.id for one in own), *above]
        relay = _relay(campaign, group, text_id=text.id, first=line[0], steps=tree.steps, now=now)
        groups.append(group)
        relays.append(relay)
        tree.line[relay.id] = line
        if chance.random() < 0.6:
            moment = now + timedelta(seconds=chance.uniform(1, WINDOW.total_seconds() * 1.6))
            tree.answers[relay.id] = moment, chance.choice(("done", "cannot", "cannot", "acknowledge"))
    away = [_away(chance, tree, person, center_id, now) for person in people if chance.random() < 0.15]
    return [[campaign], [text], *([one] for one in branches), people, groups, assigned, relays, away], tree


def _campaign(chance: random.Random, center_id: str, now: datetime) -> Campaign:
    return Campaign(
        id=ids.new("cmp"),
        center_id=center_id,
        title="tree",
        state=Control.RUNNING,
        texts={"": "words"},
        variables={},
        audience={},
        route=RouteChoice.AUTO,
        priority=Priority.NORMAL,
        relay_minutes=WINDOW.total_seconds() / 60,
        min_gap_s=0,
        max_gap_s=0,
        escalation=[],
        seed=str(chance.random()),
        created_at=now,
        created_by="test",
        starts_at=now,
        planned_at=now,
        ends_at=now + WINDOW,
    )


def _assigned(center_id: str, leader_id: str, **where: Any) -> Assignment:
    return Assignment(id=ids.new("asg"), center_id=center_id, leader_id=leader_id, **{"rank": 0, **where})


def _group(center_id: str, branch_id: str, now: datetime) -> Group:
    group_id = ids.new("grp")
    return Group(
        id=group_id,
        center_id=center_id,
        name=group_id,
        platform="manual",
        address=group_id,
        address_key=group_id,
        branch_id=branch_id,
        tags=[],
        routes=["leader"],
        status=GroupStatus.ACTIVE,
        created_at=now,
        updated_at=now,
    )


def _relay(
    campaign: Campaign, group: Group, *, text_id: str, first: str, steps: tuple[Step, ...], now: datetime
) -> Relay:
    return Relay(
        id=ids.new("rel"),
        center_id=campaign.center_id,
        campaign_id=campaign.id,
        group_id=group.id,
        branch_id=group.branch_id,
        state=State.ASSIGNED,
        route=Route.LEADER,
        text_id=text_id,
        leader_id=first,
        starts_at=now,
        deadline_at=now + WINDOW,
        next_step_at=now + WINDOW * (steps[0].at_percent / 100) if steps else None,
        assigned_at=now,
        changed_at=now,
    )


def _away(chance: random.Random, tree: Tree, person: Leader, center_id: str, now: datetime) -> Absence:
    begins = now + timedelta(seconds=chance.uniform(1, WINDOW.total_seconds()))
    until = begins + timedelta(minutes=chance.uniform(10, 200))
    tree.away[person.id] = begins, until
    return Absence(
        id=ids.new("abs"), center_id=center_id, leader_id=person.id, from_at=begins, until_at=until, created_at=now
    )
