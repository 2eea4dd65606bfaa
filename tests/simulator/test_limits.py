"""The practice platform counts: N calls are fine, N + 1 are a violation, and a penalty is a penalty."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.simulator.windows import Bucket, Judge, Rule
from tests.simulator.conftest import Sim

pytestmark = pytest.mark.alone


async def test_a_robot_takes_twenty_a_minute_and_counts_the_twenty_first(sim: Sim) -> None:
    for _ in range(20):
        assert (await sim.wecom("robot"))["errcode"] == 0
    assert await sim.violations() == 0
    answer = await sim.wecom("robot")
    assert answer["errcode"] == 45009
    assert answer["errmsg"].startswith("api freq out of limit, hint: [")
    assert "devtool/query?e=45009" in answer["errmsg"]
    assert await sim.violations() == 1


async def test_a_blocked_robot_stays_blocked_for_a_minute_and_each_call_counts(sim: Sim) -> None:
    for _ in range(21):
        await sim.wecom("robot")
    await sim.forward(59)
    assert (await sim.wecom("robot"))["errcode"] == 45009
    assert await sim.violations() == 2
    await sim.forward(1.5)
    assert (await sim.wecom("robot"))["errcode"] == 0
    assert await sim.violations() == 2


async def test_robots_do_not_share_their_minute(sim: Sim) -> None:
    for number in range(40):
        assert (await sim.wecom(f"robot{number % 2}"))["errcode"] == 0
    assert await sim.violations() == 0


async def test_the_minute_slides(sim: Sim) -> None:
    for _ in range(10):
        await sim.wecom("robot")
    await sim.forward(50)
    for _ in range(10):
        await sim.wecom("robot")
    await sim.forward(10.5)
    for _ in range(10):
        assert (await sim.wecom("robot"))["errcode"] == 0
    assert (await sim.wecom("robot"))["errcode"] == 45009


async def test_a_bot_says_thirty_a_second_and_no_more(sim: Sim) -> None:
    answers = await asyncio.gather(*(sim.telegram(chat) for chat in range(1, 41)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 10
    first = min(refused, key=lambda answer: int(answer.headers["retry-after"]))  # each further one waits longer
    wait = int(first.headers["retry-after"])
    assert wait in {1, 2}, "a second, rounded up, and what a slow machine adds"
    assert first.json() == {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {wait}",
        "parameters": {"retry_after": wait},
    }
    state = await sim.state()
    assert state["violations"] == 10
    first_broken, *others = sorted(state["broken"], key=lambda one: one["at"])
    assert first_broken["violation"] == "more than 30 a second by one bot"
    assert all(one["violation"].endswith("before its penalty ended") for one in others), "it is the whole bot's"


async def test_thirty_in_a_second_are_no_violation(sim: Sim) -> None:
    answers = await asyncio.gather(*(sim.telegram(chat) for chat in range(1, 31)))
    assert {answer.status_code for answer in answers} == {200}
    await sim.forward(1)
    assert (await sim.telegram(31)).status_code == 200
    assert await sim.violations() == 0


async def test_another_bot_has_a_second_of_its_own(sim: Sim) -> None:
    for chat in range(1, 31):
        await sim.telegram(chat)
    assert (await sim.telegram(99, token="2:b")).status_code == 200


async def test_one_chat_takes_three_at_once_and_one_a_second(sim: Sim) -> None:
    answers = [await sim.telegram(5) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    await sim.forward(answers[-1].json()["parameters"]["retry_after"])
    assert (await sim.telegram(5)).status_code == 200


async def test_a_group_takes_twenty_a_minute_and_a_person_more(sim: Sim) -> None:
    for _ in range(20):
        assert (await sim.telegram(-100)).status_code == 200
        assert (await sim.telegram(100)).status_code == 200
        await sim.forward(1.1)
    answer = await sim.telegram(-100)
    assert answer.status_code == 429
    assert 36 <= answer.json()["parameters"]["retry_after"] <= 39
    assert (await sim.telegram(100)).status_code == 200
    (broken,) = (await sim.state())["broken"]
    assert broken["violation"] == "more than 20 a minute in one group"


async def test_who_calls_inside_a_penalty_waits_twice_as_long(sim: Sim) -> None:
    answers = [await sim.telegram(5) for _ in range(6)]
    waits = [answer.json()["parameters"]["retry_after"] for answer in answers[3:]]
    assert waits == [3, 6, 12]
    assert await sim.violations() == 3
    await sim.forward(11)
    assert (await sim.telegram(5)).status_code == 429
    await sim.forward(600)
    assert (await sim.telegram(5)).status_code == 200


async def test_a_refused_message_uses_nothing_of_the_limit(sim: Sim) -> None:
    await sim.control("targets", platform="wecom", target="gone", state="kicked")
    for _ in range(30):
        assert (await sim.wecom("gone"))["errcode"] == 93000
    assert await sim.violations() == 0


async def test_a_receiver_may_set_a_limit_of_its_own(sim: Sim) -> None:
    await sim.control("targets", platform="webhook", target="in", limit={"count": 2, "per_s": 10})
    answers = [await sim.http.post("/webhook/in", json={"n": n}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "10"
    assert await sim.violations() == 1


@given(st.lists(st.integers(0, 128), max_size=60), st.integers(1, 6), st.sampled_from([0.5, 1.0, 5.0]))
def test_no_window_of_accepted_calls_ever_holds_more_than_its_count(gaps: list[int], count: int, per_s: float) -> None:
    """In sixty-fourths of a second, which add up without a rounding."""
    judge, rule, at, accepted = Judge(), Rule("lane", count, per_s, ""), 0.0, list[float]()
    for gap in gaps:
        at += gap / 64
        early = judge.breach("chat", [rule], at=at)
        crowded = sum(at - per_s < other for other in accepted) >= count
        assert (early is not None) == crowded
        if early is None:
            judge.accept([rule], at=at)
            accepted.append(at)


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 6), st.sampled_from([0.2, 1.0, 5.0]))
def test_a_bucket_never_holds_more_than_it_can(gaps: list[float], holds: int, per_s: float) -> None:
    """Held against the water itself: what was poured in since the bucket was last empty, less what ran out."""
    judge, bucket, at, poured = Judge(), Bucket("lane", holds, per_s, ""), 0.0, list[float]()
    for gap in gaps:
        at += gap / 10
        breach = judge.breach("chat", [bucket], at=at)
        if breach is None:
            judge.accept([bucket], at=at)
            poured.append(at)
        else:
            assert judge.breach("chat", [bucket], at=at + breach.early_s) is None
        for since in range(len(poured)):
            assert len(poured) - since - (at - poured[since]) * per_s <= holds + 1e-5


def test_a_bucket_takes_all_it_holds_and_one_more_as_soon_as_one_has_run_out() -> None:
    judge, bucket = Judge(), Bucket("lane", 10, 0.2, "")
    for _ in range(10):
        assert judge.breach("chat", [bucket], at=3) is None
        judge.accept([bucket], at=3)
    full = judge.breach("chat", [bucket], at=5)
    assert full is not None
    assert full.early_s == pytest.approx(3)
    assert judge.breach("chat", [bucket], at=8) is None


@pytest.mark.parametrize(("at", "free"), [(9.9, False), (10.0, True), (10.1, True)])
def test_a_penalty_ends_at_its_second(at: float, free: bool) -> None:
    judge = Judge()
    judge.punish("chat", at=5, wait_s=5)
    assert (judge.breach("chat", [], at=at) is None) is free
