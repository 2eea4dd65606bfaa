"""The pacer against a judge of its own: no window ever holds more than its limit, whatever the network does."""

from bisect import bisect_left
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.limits import Limit, Scope
from app.domain.pacing.rules import NEVER, Pacer, Wait, Waiting, forecast, gap


def _waiting(number: int, *, chat: str = "c", campaign: str = "k", rank: int = 1, gap_s: float = 0.0) -> Waiting:
    return Waiting(f"d{number:05}", campaign, chat, rank, 0.0, gap_s)


def _run(limits: list[Limit], waiting: list[Waiting], *, latency: Random | None = None) -> list[tuple[float, Waiting]]:
    """Drive the pacer through virtual time; answers (arrival at the platform, delivery)."""
    pacer, now, arrivals = Pacer(limits), 0.0, []
    under_way: list[tuple[float, Waiting]] = []
    pacer.offer(waiting)
    while len(arrivals) < len(waiting):
        for end, one in [pair for pair in under_way if pair[0] <= now]:
            pacer.end(one, end)
            under_way.remove((end, one))
        found = pacer.next(now)
        if isinstance(found, Waiting):
            delay = latency.uniform(0, 0.4) if latency else 0.0
            under_way.append((now + delay * 2, found))
            arrivals.append((now + delay, found))
            continue
        ends = [end for end, _ in under_way if end > now]
        now = min([found.until, *ends])
        assert now < NEVER, "the pacer is stuck"
    return sorted(arrivals, key=lambda pair: pair[0])


def _worst(times: list[float], per_s: float) -> int:
    """The most arrivals any window of this length holds: an independent count."""
    return max((bisect_left(times, start + per_s) - index for index, start in enumerate(times)), default=0)


def test_twenty_a_minute_lets_the_twenty_first_wait() -> None:
    arrivals = _run([Limit(Scope.CHAT, 20, 60)], [_waiting(n) for n in range(21)])
    assert arrivals[19][0] == 0
    assert 60 <= arrivals[20][0] <= 62


def test_chats_do_not_wait_for_each_other() -> None:
    waiting = [_waiting(n, chat=f"c{n % 2}") for n in range(4)]
    arrivals = _run([Limit(Scope.CHAT, 1, 10)], waiting)
    assert [round(at) for at, _ in arrivals] == [0, 0, 10, 10]


def test_the_pause_between_posts_is_seeded_and_inside_its_bounds() -> None:
    pauses = [gap("seed", f"d{n}", least=2, most=8) for n in range(1000)]
    assert all(2 <= pause <= 8 for pause in pauses)
    assert pauses == [gap("seed", f"d{n}", least=2, most=8) for n in range(1000)]
    assert max(pauses) - min(pauses) > 5.5


def test_an_incident_overtakes_and_equal_campaigns_take_turns() -> None:
    pacer = Pacer([])
    pacer.offer([_waiting(n, campaign="bulk", rank=2) for n in range(2)])
    pacer.offer([_waiting(n + 10, campaign="a", rank=1) for n in range(3)])
    pacer.offer([_waiting(n + 20, campaign="b", rank=1) for n in range(3)])
    pacer.offer([_waiting(30, campaign="incident", rank=0)])
    order = [found.campaign for _ in range(9) if isinstance(found := pacer.next(0.0), Waiting)]
    assert order[0] == "incident"
    assert sorted(order[1:3]) == ["a", "b"]
    assert sorted(order[3:5]) == ["a", "b"]
    assert order[-2:] == ["bulk", "bulk"]


def test_a_platforms_wait_holds_its_chat_and_no_other() -> None:
    pacer = Pacer([])
    pacer.shut("c1", 30.0)
    pacer.offer([_waiting(1, chat="c1"), _waiting(2, chat="c2")])
    first = pacer.next(0.0)
    assert isinstance(first, Waiting)
    assert first.chat == "c2"
    assert pacer.next(0.0) == Wait(30.0, "the platform's wait")


def test_what_a_predecessor_sent_still_counts() -> None:
    pacer = Pacer([Limit(Scope.ACCOUNT, 2, 10)])
    pacer.remember("x", 5.0)
    pacer.remember("y", 6.0, quiet_until=9.0)
    pacer.offer([_waiting(1)])
    assert pacer.next(7.0) == Wait(9.0, "the pause between two posts")
    held = pacer.next(9.5)
    assert isinstance(held, Wait)
    assert 15.0 <= held.until <= 15.3


def test_an_undone_claim_gives_its_place_back() -> None:
    pacer = Pacer([Limit(Scope.ACCOUNT, 1, 10)])
    pacer.offer([_waiting(1), _waiting(2)])
    first = pacer.next(0.0)
    assert isinstance(first, Waiting)
    assert pacer.next(0.0) == Wait(NEVER, "1 per 10 s per account")
    pacer.undo(first)
    assert isinstance(pacer.next(0.0), Waiting)


@settings(max_examples=60, deadline=None)
@given(
    limits=st.lists(
        st.builds(
            Limit,
            scope=st.sampled_from([Scope.CHAT, Scope.ACCOUNT]),
            count=st.integers(1, 8),
            per_s=st.sampled_from([0.5, 1.0, 3.0, 10.0, 60.0]),
        ),
        max_size=4,
    ),
    chats=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    gap_s=st.sampled_from([0.0, 0.3, 2.0]),
    seed=st.integers(),
)
def test_no_window_ever_holds_more_than_its_limit(
    limits: list[Limit], chats: list[int], gap_s: float, seed: int
) -> None:
    waiting = [_waiting(n, chat=f"c{chat}", gap_s=gap_s) for n, chat in enumerate(chats)]
    arrivals = _run(limits, waiting, latency=Random(seed))
    for limit in limits:
        for chat in set(chats) if limit.scope is Scope.CHAT else {None}:
            times = [at for at, one in arrivals if chat is None or one.chat == f"c{chat}"]
            assert _worst(times, limit.per_s) <= limit.count


def test_nearly_all_that_is_legal_is_used() -> None:
    limits = [Limit(Scope.ACCOUNT, 30, 1), Limit(Scope.CHAT, 20, 60)]
    waiting = [_waiting(n, chat=f"c{n}") for n in range(900)]
    arrivals = _run(limits, waiting)
    ideal = (900 / 30 - 1) * 1.0
    assert arrivals[-1][0] <= ideal / 0.95


def test_the_forecast_is_what_the_pacer_does() -> None:
    limits = [Limit(Scope.ACCOUNT, 5, 10)]
    waiting = [_waiting(n, gap_s=0.1) for n in range(12)]
    expected = forecast(limits, waiting, start=0.0)
    arrivals = _run(limits, waiting)
    assert expected is not None
    assert expected.first_at == arrivals[0][0]
    assert expected.last_at == pytest.approx(arrivals[-1][0])
    assert expected.bound_by == "5 per 10 s per account"
