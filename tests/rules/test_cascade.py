"""Who is told before whom: each person once, nobody by himself, everybody in the end."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.cascade.rules import MOST_PERCENT, arrange, beneath, part_percent, shares

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TREE = {"land": None, "east": "land", "city": "east", "west": "land"}


def test_each_tier_waits_for_the_one_above_and_its_part_of_the_time() -> None:
    people = {"land": ["zhao"], "east": ["qian", "sun"], "west": []}
    asked = {("city", "li"): T0, ("west", "wu"): T0 + HOUR, ("east", "qian"): T0, ("land", "zhao"): T0}
    order = arrange(TREE, people, asked, relay_time=HOUR)
    assert [(one.branch_id, one.leader_id, one.above, one.level) for one in order.tiers] == [
        ("land", "zhao", None, 1),
        ("east", "qian", "land", 2),
    ]
    assert [one.until_at - T0 for one in order.tiers] == [HOUR * 0.2, HOUR * 0.4]
    assert order.waits == {("city", "li"): "east", ("west", "wu"): "land", ("east", "qian"): "land"}


def test_whoever_stands_twice_on_a_way_is_told_once_at_the_top() -> None:
    people = {"land": ["zhao"], "east": ["qian"], "city": ["zhao"]}
    order = arrange(TREE, people, {("city", "li"): T0}, relay_time=HOUR)
    assert [one.branch_id for one in order.tiers] == ["land", "east"]
    assert order.waits == {("city", "li"): "east"}


def test_where_everybody_answers_for_his_own_nobody_waits() -> None:
    order = arrange(TREE, {"east": ["qian"]}, {("city", "qian"): T0, ("west", "wu"): T0}, relay_time=HOUR)
    assert (order.tiers, order.waits) == ([], {})


@pytest.mark.parametrize("depth", [1, 2, 3, 10, 60])
def test_all_tiers_together_leave_half_of_the_time(depth: int) -> None:
    assert depth * part_percent(depth) <= MOST_PERCENT


def test_a_ring_in_the_tree_is_walked_once() -> None:
    ring = {"a": "b", "b": "a"}
    assert [one.branch_id for one in arrange(ring, {"b": ["x"]}, {("a", "y"): T0}, relay_time=HOUR).tiers] == ["b"]
    assert beneath(ring, ["a"]) == {"a", "b"}


@pytest.mark.parametrize("seed", range(40))
def test_in_any_tree_everybody_is_asked_in_the_end_and_told_once_a_branch(seed: int) -> None:
    chance = random.Random(seed)
    tree: dict[str, str | None] = {"b0": None}
    for number in range(1, 30):
        tree[f"b{number}"] = chance.choice([*tree, None])
    names = [f"p{number}" for number in range(12)]
    people = {branch: chance.sample(names, chance.randint(0, 2)) for branch in tree}
    asked = {(chance.choice(list(tree)), chance.choice(names)): T0 for _ in range(40)}
    order = arrange(tree, people, asked, relay_time=HOUR)
    opened = {one.branch_id: one for one in order.tiers}
    assert len(opened) == len(order.tiers)
    for one in order.tiers:
        assert one.branch_id in beneath(tree, [one.above]) if one.above else one.level == 1
        assert one.above is None or opened[one.above].until_at < one.until_at <= T0 + HOUR * (MOST_PERCENT / 100)
    for (branch, leader), waits in order.waits.items():
        way = [waits]
        while (above := opened[way[-1]].above) is not None:
            way.append(above)
        leaders = [opened[step].leader_id for step in way]
        assert leader not in leaders, "nobody waits for himself"
        assert len(set(leaders)) == len(leaders), "nobody is told twice on one way"
        assert branch in beneath(tree, way)
    held = {
        place: share.branch_id
        for share in shares(order, asked)
        for place in asked
        if place[0] in share.branches and (share.leaders is None or place[1] in share.leaders)
    }
    assert held == order.waits
