"""The pacer's promises, one dated sequence each; `test_pacing_proof` holds it against a judge."""

from random import Random

import pytest

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


def test_the_forecast_is_what_the_pacer_does() -> None:
    limits = [Limit(Scope.ACCOUNT, 5, 10)]
    waiting = [_waiting(n, gap_s=0.1) for n in range(12)]
    expected = forecast(limits, waiting, start=0.0)
    arrivals = _run(limits, waiting)
    assert expected is not None
    assert expected.first_at == arrivals[0][0]
    assert expected.last_at == pytest.approx(arrivals[-1][0])
    assert expected.bound_by == "5 per 10 s per account"


def test_what_a_predecessor_has_under_way_holds_its_place_until_it_ends() -> None:
    pacer = Pacer([Limit(Scope.CHAT, 1, 10)])
    pacer.inherit("d9", 3, "c", quiet_until=4.0)
    pacer.offer([_waiting(1)])
    assert pacer.next(2.0) == Wait(4.0, "the pause between two posts")
    assert pacer.next(60.0).until == NEVER
    pacer.conclude("d9", 3, 60.0)
    assert pacer.next(61.0) == Wait(pytest.approx(70.2), "1 per 10 s per chat")
    assert pacer.inherited == frozenset()


def test_late_news_of_an_old_post_does_not_hide_a_newer_one() -> None:
    pacer = Pacer([Limit(Scope.ACCOUNT, 2, 10)])
    pacer.inherit("d9", 1, "c")
    pacer.remember("c", 20.0)
    pacer.conclude("d9", 1, 12.0)
    pacer.offer([_waiting(1), _waiting(2)])
    assert isinstance(pacer.next(23.0), Waiting)
    assert pacer.next(23.0) == Wait(pytest.approx(30.2), "2 per 10 s per account")


def test_an_undone_claim_shortens_nobodys_wait() -> None:
    pacer = Pacer([])
    pacer.offer([_waiting(1, gap_s=5.0), _waiting(2)])
    first = pacer.next(0.0)
    assert isinstance(first, Waiting)
    pacer.rest(30.0)
    pacer.undo(first)
    assert pacer.next(1.0) == Wait(30.0, "the platform's wait")


def test_the_pause_begins_when_the_words_leave() -> None:
    pacer = Pacer([])
    pacer.offer([_waiting(1, gap_s=5.0), _waiting(2)])
    first = pacer.next(0.0)
    assert isinstance(first, Waiting)
    assert pacer.next(6.0) == Wait(pytest.approx(6.105), "the pause between two posts")
    pacer.leaves(first, 7.0)
    assert pacer.next(8.0) == Wait(12.0, "the pause between two posts")


def test_a_long_life_leaves_no_chats_behind() -> None:
    pacer = Pacer([Limit(Scope.CHAT, 2, 60), Limit(Scope.ACCOUNT, 30, 1)])
    for number in range(1000):
        pacer.offer([_waiting(number, chat=f"c{number}", campaign=f"k{number}")])
        one = pacer.next(float(number))
        assert isinstance(one, Waiting)
        pacer.leaves(one, float(number))
        pacer.end(one, float(number))
        pacer.shut(one.chat, number + 30.0)
    common = pacer._common
    assert len(common._chats) <= 62
    pacer.next(5000.0)
    assert not any((common._chats, common._shut, common._fading, common._asking, pacer._queues, pacer._known))
