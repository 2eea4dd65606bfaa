"""A forest for virtual time: groves of random trees, each grove a center with its own people and head, and campaigns of
random policies, cascades and quorums that its trees share."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import SQLModel

from app.core import ids
from app.core.db import Database, Tx
from app.domain.access.tables import Center
from app.domain.campaigns.states import Cascade, Priority
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.directory.tables import Headquarters
from app.domain.escalation.rules import Action, Step
from app.domain.quorum.rules import Ask
from app.flows.lay_tiers import lay_tiers
from app.flows.ring import set_alarms
from tests.flows import forest_rows as rows
from tests.flows.forest_rows import WINDOW

PASSES = (Action.DEPUTY, Action.BRANCH_LEADER, Action.HEAD)
WORDS, LEAVES = 30, 8
"""At how many moments people of one grove say something about one campaign, and go away."""


class Saying(NamedTuple):
    """What somebody will say: about one relay, or that he has read what goes out in his branch. Without `leader_id`
    whoever has the relay by then."""

    at: datetime
    campaign_id: str
    leader_id: str
    relay_id: str
    said: str


@dataclass
class Tree:
    """A chain of branches from the top down, who leads each by rank, the branch each group hangs in, and who answers
    for the group itself."""

    way: list[str] = field(default_factory=list)
    leads: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    own: dict[str, list[str]] = field(default_factory=dict)

    def line(self, group_id: str) -> list[str]:
        """Who answers for a group, in order."""
        above = reversed(self.way[: self.way.index(self.groups[group_id]) + 1])
        return [*self.own[group_id], *(one for branch in above for one in self.leads[branch])]

    def told_before(self, group_id: str) -> list[str]:
        """The branches whose leaders are told before the first leader of a group is asked, from the top down."""
        there = self.way[: self.way.index(self.groups[group_id]) + 1]
        first = self.line(group_id)[0]
        led = [branch for branch in there if self.leads[branch]]
        return led[: next((place for place, one in enumerate(led) if self.leads[one][0] == first), len(led))]


@dataclass
class Errand:
    """One campaign in a grove; `relays` has the tree and the group of each."""

    campaign: Campaign
    steps: tuple[Step, ...]
    asks: list[Ask]
    words: list[datetime]
    text_id: str
    relays: dict[str, tuple[Tree, str]] = field(default_factory=dict)


@dataclass
class Grove:
    center_id: str
    head: str
    trees: list[Tree] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)
    leaves: list[datetime] = field(default_factory=list)


@dataclass
class Forest:
    groves: list[Grove] = field(default_factory=list)
    sayings: list[Saying] = field(default_factory=list)
    center_of: dict[str, str] = field(default_factory=dict)
    rows: defaultdict[type[SQLModel], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: SQLModel) -> None:
        self.rows[type(row)].append(row.model_dump())


async def plant(
    db: Database, seed: int, trees: int, *, in_a_grove: int = 20, errands: int = 0, at_once: bool = False
) -> Forest:
    """So many trees, whose campaigns begin at this moment; `errands`: so many in each grove; `at_once`: one for
    each, to everybody at once."""
    chance = random.Random(seed)
    forest = Forest()
    async with db.write() as tx:
        for first in range(0, trees, in_a_grove):
            grove = _grove(chance, forest, tx.now, min(in_a_grove, trees - first))
            for _ in range(1 if at_once else errands or chance.choice((1, 1, 1, 2, 2, 3))):
                grove.errands.append(_errand(chance, forest, grove, tx.now, at_once=at_once))
        places = [table.name for table in SQLModel.metadata.sorted_tables]
        for kind in sorted(forest.rows, key=lambda kind: places.index(str(kind.__tablename__))):
            await tx.insert(kind, forest.rows[kind])
        for grove in forest.groves:
            for errand in grove.errands:
                await _begin(tx, errand)
    forest.rows.clear()
    forest.sayings.sort()
    return forest


async def _begin(tx: Tx, errand: Errand) -> None:
    """As the last batch of a plan does."""
    await lay_tiers(tx, errand.campaign)
    await set_alarms(tx, errand.campaign, starts_at=tx.now, ends_at=tx.now + WINDOW)


def _grove(chance: random.Random, forest: Forest, now: datetime, trees: int) -> Grove:
    """Where no account writes, nobody is reminded; where one does, its nights are quiet."""
    zone = chance.choice((None, "Asia/Shanghai", "Pacific/Fiji"))
    center = Center(id=ids.new("cen"), name="grove", timezone=zone, created_at=now)
    head = rows.leader(center.id, now, contact="telegram")
    forest.add(center)
    if zone:
        forest.add(rows.account(center.id, now))
    forest.add(head)
    forest.add(Headquarters(center_id=center.id, head_id=head.id))
    grove = Grove(center.id, head.id, leaves=[_moment(chance, now, 1) for _ in range(LEAVES)])
    grove.trees = [_tree(chance, forest, grove, now) for _ in range(trees)]
    forest.groves.append(grove)
    return grove


def _tree(chance: random.Random, forest: Forest, grove: Grove, now: datetime) -> Tree:
    tree = Tree()
    for depth in range(chance.randint(1, 4)):
        branch = rows.branch(grove.center_id, tree.way[-1] if tree.way else None, now)
        forest.add(branch)
        tree.way.append(branch.id)
        people = chance.choice((1, 1, 1, 2)) if depth == 0 else chance.choice((0, 0, 1, 1, 2))
        tree.leads[branch.id] = _people(chance, forest, grove, now, people, branch_id=branch.id)
    for _ in range(chance.randint(1, 3)):
        group = rows.group(grove.center_id, chance.choice((tree.way[-1], chance.choice(tree.way))), now)
        forest.add(group)
        tree.groups[group.id] = str(group.branch_id)
        tree.own[group.id] = _people(chance, forest, grove, now, chance.randint(0, 3), group_id=group.id)
    return tree


def _people(chance: random.Random, forest: Forest, grove: Grove, now: datetime, count: int, **where: str) -> list[str]:
    contacts = ("telegram", "telegram", "none")
    people = [rows.leader(grove.center_id, now, contact=chance.choice(contacts)) for _ in range(count)]
    for rank, person in enumerate(people):
        forest.add(person)
        forest.add(rows.assigned(grove.center_id, person.id, rank=rank, **where))
        if chance.random() < 0.15:
            begins = chance.choice(grove.leaves)
            until = begins + timedelta(minutes=chance.uniform(10, 200))
            forest.add(rows.absence(grove.center_id, person.id, begins, until))
    return [person.id for person in people]


def _errand(chance: random.Random, forest: Forest, grove: Grove, now: datetime, *, at_once: bool) -> Errand:
    steps, asks = _policy(chance), [] if at_once else _asks(chance, grove)
    cascade = Cascade.AT_ONCE if at_once or chance.random() < 0.5 else Cascade.TIER_BY_TIER
    priority = chance.choice((Priority.NORMAL, Priority.NORMAL, Priority.NORMAL, Priority.INCIDENT))
    campaign = rows.campaign(grove.center_id, now, steps=steps, cascade=cascade, quorum=asks, priority=priority)
    text = CampaignText(id=ids.new("txt"), campaign_id=campaign.id, body="words")
    errand = Errand(campaign, steps, asks, [_moment(chance, now, 1.6) for _ in range(WORDS)], text.id)
    forest.add(campaign)
    forest.add(text)
    forest.center_of[campaign.id] = grove.center_id
    for tree in grove.trees:
        for group_id in tree.groups:
            _relay(chance, forest, errand, tree, group_id)
        if cascade is Cascade.TIER_BY_TIER:
            leaders = [one for some in tree.leads.values() for one in some if chance.random() < 0.5]
            forest.sayings += [
                Saying(chance.choice(errand.words[::3]), campaign.id, one, "", "read") for one in leaders
            ]
    return errand


def _relay(chance: random.Random, forest: Forest, errand: Errand, tree: Tree, group_id: str) -> None:
    first = tree.line(group_id)[0]
    relay = rows.relay(errand.campaign, group_id, tree.groups[group_id], text_id=errand.text_id, first=first)
    forest.add(relay)
    errand.relays[relay.id] = tree, group_id
    for _ in range(chance.choice((0, 0, 1, 1, 1, 2))):
        said = chance.choice(("done", "done", "cannot", "cannot", "acknowledge"))
        forest.sayings.append(Saying(chance.choice(errand.words), errand.campaign.id, "", relay.id, said))


def _moment(chance: random.Random, now: datetime, until: float) -> datetime:
    return now + timedelta(seconds=chance.uniform(1, WINDOW.total_seconds() * until))


def _policy(chance: random.Random) -> tuple[Step, ...]:
    reminders = [Step(chance.randint(5, 99), Action.REMIND) for _ in range(chance.randint(0, 3))]
    passes = [Step(chance.randint(60, 250), chance.choice(PASSES)) for _ in range(chance.randint(0, 4))]
    return tuple(sorted([*reminders, *passes], key=lambda step: step.at_percent))


def _asks(chance: random.Random, grove: Grove) -> list[Ask]:
    branches = [None, *(tree.way[0] for tree in grove.trees), *(tree.way[-1] for tree in grove.trees)]
    return [
        Ask(chance.randint(1, 100), at_percent=chance.randint(1, 200), branch_id=chance.choice(branches))
        for _ in range(chance.choice((0, 1, 2)))
    ]
