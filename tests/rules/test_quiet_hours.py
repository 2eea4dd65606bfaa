"""Quiet hours in every zone there is, around each change of its clock from 2024 to 2037, against an oracle that only
ever asks what the clock on the wall shows at a moment in UTC. `QUIET_HOURS=whole` tries all of them (two minutes)."""

import os
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from app.domain.planning.rules import after_quiet

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
AROUND = timedelta(hours=36)
MINUTE = timedelta(minutes=1)
SAMPLE = 40
SOME_DAYS = [datetime(2024, 2, 29, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC), datetime(2032, 12, 31, tzinfo=UTC)]


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The minutes in UTC at which this zone's clock is set."""
    day = FIRST
    while day < LAST:
        low, high = day, day + timedelta(days=1)
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > MINUTE:
                middle = low + MINUTE * ((high - low) // MINUTE // 2)
                same = low.astimezone(zone).utcoffset() == middle.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield high
        day += timedelta(days=1)


def _awake(zone: ZoneInfo, around: datetime) -> Mapping[datetime, datetime]:
    """For each minute around this one, the first minute from it on at which the clock shows 8:00 to 21:59."""
    found: dict[datetime, datetime] = {}
    at, last = around + 2 * AROUND, around - AROUND
    awake = None
    while at >= last:
        if 8 <= at.astimezone(zone).hour < 22:
            awake = at
        if awake is not None:
            found[at] = awake
        at -= MINUTE
    return found


def _cases() -> list[tuple[str, datetime]]:
    dice = random.Random(71)
    names = sorted(available_timezones())
    if os.environ.get("QUIET_HOURS") == "whole":
        return [(name, at) for name in names for at in (*SOME_DAYS, *_changes(ZoneInfo(name)))]
    changing = [(name, list(_changes(ZoneInfo(name)))) for name in dice.sample(names, 2 * SAMPLE)]
    known = [(name, list(_changes(ZoneInfo(name)))) for name in ("America/New_York", "Australia/Lord_Howe")]
    known += [(name, list(_changes(ZoneInfo(name)))) for name in ("Africa/Casablanca", "Africa/Cairo", "America/Nuuk")]
    picked = [(name, dice.choice(changes)) for name, changes in (*known, *changing) if changes]
    return [*picked[:SAMPLE], *((dice.choice(names), day) for day in SOME_DAYS)]


@pytest.mark.timeout(900)
def test_around_every_change_of_the_clock_a_post_waits_exactly_until_its_groups_morning() -> None:
    cases = _cases()
    assert len(cases) > SAMPLE / 2
    wrong = []
    for name, around in cases:
        zone = ZoneInfo(name)
        step = 7 if len(cases) > 10 * SAMPLE else 1  # minutes; prime to the hour, so that all minutes come up
        for number, (at, awake) in enumerate(_awake(zone, around).items()):
            if number % step == 0 and after_quiet(at, name) != awake:
                wrong.append(f"{name}: from {at:%Y-%m-%d %H:%M} until {after_quiet(at, name)}, not {awake}")
    assert wrong == []


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"])
def test_a_moment_that_is_not_quiet_is_left_as_it_is_and_a_quiet_one_ends_on_the_minute(name: str) -> None:
    dice = random.Random(name)
    for _ in range(2_000):
        at = FIRST + (LAST - FIRST) * dice.random()
        awake = after_quiet(at, name)
        quiet = not 8 <= at.astimezone(ZoneInfo(name)).hour < 22
        assert (awake > at) is quiet
        assert not quiet or (awake.second, awake.microsecond, awake.astimezone(ZoneInfo(name)).hour) == (0, 0, 8)
        assert after_quiet(awake, name) == awake
