"""One seed is one run, and every kind of trouble there is comes up."""

from collections import Counter

import pytest

from tests.chaos.scenario import HEAD, PLATFORM, PROCESS
from tests.chaos.schedule import schedule
from tests.chaos.strikes import DEEDS

EVERYWHERE = {kind for kind in PROCESS if not kind.startswith("postgres")}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_same_seed_is_the_same_run(database: str) -> None:
    first, again, other = (schedule(seed, database=database, kills=20, groups=300, seconds=75.0) for seed in (7, 7, 8))
    assert first == again
    assert first.events != other.events
    assert len(first.campaigns) >= 3


@pytest.mark.parametrize(("database", "kinds"), [("sqlite", EVERYWHERE), ("postgres", set(PROCESS))])
def test_there_are_as_many_faults_as_asked_for_and_of_every_kind(database: str, kinds: set[str]) -> None:
    struck: Counter[str] = Counter()
    for seed in range(20):
        events = schedule(seed, database=database, kills=20, groups=300, seconds=75.0).events
        assert sum(event.kind in PROCESS for event in events) == 20
        struck.update(event.kind for event in events)
    assert set(struck) == kinds | set(PLATFORM) | set(HEAD) - {"quiet"}


def test_at_most_one_worker_of_a_run_stands_still_past_a_delivery_s_lease() -> None:
    for seed in range(20):
        events = schedule(seed, database="sqlite", kills=40, groups=300, seconds=75.0).events
        assert sum(event.kind == "worker_stop" and event.lasts > 25 for event in events) <= 1


def test_everything_that_may_happen_has_its_deed() -> None:
    assert set(DEEDS) == {*PROCESS, *PLATFORM, *HEAD}


def test_the_sheet_has_every_group_once() -> None:
    players = schedule(1, database="sqlite", kills=0, groups=300, seconds=75.0).cast
    names = [group.name for group in players.groups]
    assert len(names) == len(set(names)) == 300
    assert players.sheet("http://127.0.0.1:9").count(b"\n") == 301
    assert {group.platform for group in players.groups} == {"telegram", "wecom", "webhook", "manual"}
