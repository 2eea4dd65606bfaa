"""Who is told before whom, and until when his tier waits for his word."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PART_PERCENT = 20
"""Of the relay time each tier may wait for its leader's word."""
MOST_PERCENT = 50
"""Of the relay time all tiers above a group may wait together."""

Place = tuple[str, str]
"""A branch, and the leader who answers for groups in it."""


@dataclass(frozen=True)
class Tier:
    """`branch_id` is told through `leader_id` once the tier of the branch `above` has opened; those beneath are asked
    at `until_at` at the latest."""

    branch_id: str
    leader_id: str
    above: str | None
    level: int
    starts_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class Order:
    """The tiers, each after the one above it, and for which branch's tier each place waits; places that wait for none
    are left out."""

    tiers: Sequence[Tier]
    waits: Mapping[Place, str]


def arrange(
    tree: Mapping[str, str | None],
    people: Mapping[str, Sequence[str]],
    asked: Mapping[Place, datetime],
    *,
    relay_time: timedelta,
) -> Order:
    """Tiers for a campaign: `tree` has each branch's parent, `people` who answers for each branch and is there, by
    rank; `asked` is when each leader of groups in a branch may be asked. A branch makes a tier where its first person
    has others beneath him; nobody waits for himself, and whoever stands twice on a way is told once, at the top."""
    above: dict[str, str | None] = {}
    begins: dict[str, datetime] = {}
    levels: dict[str, int] = {}
    waits: dict[Place, str] = {}
    for (branch_id, leader_id), starts_at in asked.items():
        way = _way(tree, people, branch_id, besides=leader_id)
        for place, step in enumerate(way):
            above[step] = way[place - 1] if place else None
            levels[step] = place + 1
            begins[step] = min(starts_at, begins.get(step, starts_at))
        if way:
            waits[branch_id, leader_id] = way[-1]
    percent = part_percent(max(levels.values(), default=0))
    tiers = [
        Tier(
            branch_id=branch_id,
            leader_id=people[branch_id][0],
            above=above[branch_id],
            level=level,
            starts_at=begins[branch_id],
            until_at=begins[branch_id] + relay_time * (percent * level / 100),
        )
        for branch_id, level in sorted(levels.items(), key=lambda item: (item[1], item[0]))
    ]
    return Order(tiers, waits)


@dataclass(frozen=True)
class Share:
    """Groups in these branches wait for the tier of `branch_id`: all of them, or those of these leaders."""

    branch_id: str
    branches: Sequence[str]
    leaders: Sequence[str] | None


def shares(order: Order, asked: Iterable[Place]) -> list[Share]:
    """Who waits for which tier, in as few shares as there can be."""
    by_branch: defaultdict[str, defaultdict[str | None, list[str]]] = defaultdict(lambda: defaultdict(list))
    for place in asked:
        by_branch[place[0]][order.waits.get(place)].append(place[1])
    whole: defaultdict[str, list[str]] = defaultdict(list)
    found = []
    for branch_id, waiting in by_branch.items():
        for tier, leaders in waiting.items():
            if tier is not None and len(waiting) == 1:
                whole[tier].append(branch_id)
            elif tier is not None:
                found.append(Share(tier, [branch_id], leaders))
    return [*found, *(Share(tier, branches, None) for tier, branches in whole.items())]


def part_percent(depth: int) -> float:
    """How much of the relay time one of so many tiers may wait."""
    return min(PART_PERCENT, MOST_PERCENT / depth) if depth else PART_PERCENT


def half_of(told_at: datetime, until_at: datetime) -> datetime:
    """When half of the wait for a leader's word is over, and he hears of it once more."""
    return told_at + (until_at - told_at) / 2


def _way(
    tree: Mapping[str, str | None], people: Mapping[str, Sequence[str]], branch_id: str, *, besides: str
) -> list[str]:
    """The branches with people on the way from the top down to this one, each person once, at the top; no further than
    to that of this leader himself."""
    way: list[str] = []
    step: str | None = branch_id
    while step is not None and step not in way:
        way.append(step)
        step = tree.get(step)
    told: dict[str, str] = {}
    for step in reversed(way):
        leader = next(iter(people.get(step, ())), None)
        if leader == besides:
            break
        if leader is not None:
            told.setdefault(leader, step)
    return list(told.values())


def beneath(tree: Mapping[str, str | None], tops: Iterable[str]) -> set[str]:
    """These branches and every branch below them."""
    children: dict[str, list[str]] = {}
    for branch_id, parent_id in tree.items():
        if parent_id is not None:
            children.setdefault(parent_id, []).append(branch_id)
    found: set[str] = set()
    left = list(tops)
    while left:
        step = left.pop()
        if step not in found:
            found.add(step)
            left.extend(children.get(step, ()))
    return found
