"""Accounts that are one sender share its limits, whatever each has beside them; and the rush is kept."""

from heapq import heappop, heappush
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.limits import Limit, Rush, Scope
from app.domain.pacing.rules import Common, Pacer, Wait, Waiting, forecasts
from tests.rules.judge import Said, breaches, soonest_makespan
from tests.rules.test_pacing_proof import LIMITS, STACKS

HALF_PAST = 1_800_000.0


def _said(pacers: list[Pacer], dice: Random) -> list[list[Said]]:
    """What each pacer lets leave, answered after up to half a second."""
    said: list[list[Said]] = [[] for _ in pacers]
    numbers, asked = count(), set[tuple[int, float]]()
    events: list[tuple[float, int, int, Waiting | None]] = [
        (0.0, next(numbers), one, None) for one in range(len(pacers))
    ]
    while events:
        now, _, one, over = heappop(events)
        if over is not None:
            pacers[one].end(over, now)
        for other, pacer in enumerate(pacers):
            while isinstance(found := pacer.next(now), Waiting):
                pacer.leaves(found, now)
                ended = now + dice.uniform(0, 0.5)
                said[other].append(Said(found.chat, now, ended))
                heappush(events, (ended, next(numbers), other, found))
            if found.until < float("inf") and (other, found.until) not in asked:
                asked.add((other, found.until))
                heappush(events, (found.until, next(numbers), other, None))
    return said


def _give(pacer: Pacer, account: int, posts: int, chats: int) -> None:
    pacer.offer(Waiting(f"a{account}d{n}", "k", f"c{n % chats}", 1, 0.0, 0.0) for n in range(posts))


@settings(max_examples=STACKS)
@given(LIMITS, LIMITS, st.integers(1, 25), st.integers(1, 5), st.integers(0, 2**32))
def test_together_they_break_no_limit_and_each_keeps_its_own(
    limits: list[Limit], own: list[Limit], posts: int, chats: int, seed: int
) -> None:
    common = Common(limits)
    pacers = [Pacer(own, common=common), Pacer([], common=common), Pacer([], common=common)]
    for account, pacer in enumerate(pacers):
        _give(pacer, account, posts, chats)
    first, *others = _said(pacers, Random(seed))
    assert breaches(limits, [*first, *others[0], *others[1]]) == []
    assert breaches(own, first) == []
    assert [len(first), *map(len, others)] == [posts] * 3


def test_two_accounts_of_one_bot_are_forecast_together() -> None:
    limits = [Limit(Scope.ACCOUNT, 30, 1.0)]
    common = Common(limits)
    rows = {name: [Waiting(f"{name}{n}", "k", f"{name}{n}", 1, 0.0, 0.0) for n in range(150)] for name in "ab"}
    seen = forecasts({name: Pacer([], common=common) for name in rows}, rows, start=0.0)
    last = max(one.last_at for one in seen.values())
    ideal = soonest_makespan(limits, [one.chat for those in rows.values() for one in those])
    assert ideal <= last <= ideal * 1.03
    assert {one.bound_by for one in seen.values()} == {"30 per 1 s per account"}


def test_a_wait_the_platform_asked_one_of_them_for_holds_all() -> None:
    common = Common([])
    told, other = Pacer([], common=common), Pacer([], common=common)
    told.rest(30.0)
    _give(other, 1, 1, 1)
    assert other.next(1.0) == Wait(30.0, "the platform's wait")


@pytest.mark.parametrize(
    ("at", "over_at"),
    [(-61.0, -61.0), (-60.0, 60.0), (0.0, 60.0), (59.9, 60.0), (60.0, 60.0), (900.0, 900.0)],
)
def test_the_rush_is_two_minutes_around_the_half_hour(at: float, over_at: float) -> None:
    assert Rush(60, 60).over_at(HALF_PAST + at) == HALF_PAST + over_at


def test_an_incident_passes_in_the_rush_and_others_say_what_they_wait_for() -> None:
    pacer = Pacer([], rush=Rush(60, 60))
    pacer.offer([Waiting("d1", "bulk", "c", 2, 0.0, 0.0), Waiting("d2", "incident", "c", 0, 0.0, 0.0)])
    first = pacer.next(HALF_PAST)
    assert isinstance(first, Waiting)
    assert first.campaign == "incident"
    held = pacer.next(HALF_PAST)
    assert held == Wait(HALF_PAST + 60, "the rush around :00 and :30, which the platform asks to avoid")
    assert isinstance(pacer.next(HALF_PAST + 60), Waiting)


def test_what_is_put_off_when_its_turn_comes_leaves_then_and_holds_up_nobody() -> None:
    rows = [Waiting(name, "c", name, 1, 0.0, 5.0) for name in ("a", "b", "c")]
    seen = forecasts(
        {"": Pacer([])}, {"": rows}, start=0.0, put_off=lambda name, now: max(now, 60.0) if name == "a" else now
    )
    assert seen[""].times == [("b", 0.0), ("c", 5.0), ("a", 60.0)]
