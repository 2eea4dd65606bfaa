"""Scripted misfortune strikes as scripted: what stands in the chat, and what the caller gets to hear."""

import time

import httpx
import pytest

from tests.simulator.conftest import Sim


async def _accepted(sim: Sim) -> list[bool]:
    return [receipt["accepted"] for receipt in await sim.receipts()]


async def test_the_answer_is_lost_after_the_message_stands(sim: Sim) -> None:
    await sim.control("faults", platform="telegram", kind="drop_after_accept")
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.telegram(1)
    assert await _accepted(sim) == [True]
    assert (await sim.telegram(1)).status_code == 200


async def test_a_reset_leaves_nothing_in_the_chat(sim: Sim) -> None:
    await sim.control("faults", platform="wecom", target="robot", kind="reset", times=2)
    assert (await sim.wecom("other"))["errcode"] == 0
    for _ in range(2):
        with pytest.raises(httpx.ReadError):
            await sim.wecom("robot")
    assert (await sim.wecom("robot"))["errcode"] == 0
    assert await _accepted(sim) == [True, False, False, True]


@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("http_502", 502), ("html_200", 200)])
@pytest.mark.parametrize("accepted", [False, True])
async def test_a_broken_box_in_the_middle(sim: Sim, kind: str, status: int, accepted: bool) -> None:
    await sim.control("faults", kind=kind, accepted=accepted)
    answer = await sim.telegram(1)
    assert answer.status_code == status
    assert "ok" not in answer.text
    assert await _accepted(sim) == [accepted]


async def test_an_unprovoked_throttle_is_no_violation_until_it_is_ignored(sim: Sim) -> None:
    await sim.control("faults", platform="telegram", kind="throttle", retry_after=7)
    answer = await sim.telegram(1)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert await sim.violations() == 0
    assert (await sim.telegram(2)).status_code == 200
    assert (await sim.telegram(1)).status_code == 429
    assert await sim.violations() == 1
    await sim.forward(14)
    assert (await sim.telegram(1)).status_code == 200


async def test_a_slow_answer_comes_for_a_message_that_stands_at_once(sim: Sim) -> None:
    await sim.control("faults", kind="slow", delay_s=0.3)
    started = time.monotonic()
    assert (await sim.wecom("robot"))["errcode"] == 0
    assert time.monotonic() - started >= 0.3
    (receipt,) = await sim.receipts()
    assert receipt["at"] - started < 0.2


async def test_an_answer_breaks_off_in_its_middle_for_a_message_that_stands(sim: Sim) -> None:
    await sim.control("faults", platform="telegram", kind="half_answer")
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete message body|without sending complete"):
        await sim.telegram(1)
    assert await _accepted(sim) == [True]
    assert (await sim.telegram(2)).status_code == 200


async def test_an_answer_drips(sim: Sim) -> None:
    await sim.control("faults", kind="drip", delay_s=0.4)
    started = time.monotonic()
    assert (await sim.wecom("robot"))["errcode"] == 0
    assert time.monotonic() - started >= 0.4
    (receipt,) = await sim.receipts()
    assert receipt["at"] - started < 0.2


@pytest.mark.parametrize("says", ["1000000000", "-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", ""])
async def test_a_box_in_front_asks_to_wait_in_its_own_words(sim: Sim, says: str) -> None:
    await sim.control("faults", platform="telegram", kind="throttle", says=says)
    answer = await sim.telegram(1)
    assert (answer.status_code, answer.headers.get("retry-after", "")) == (429, says)
    assert await _accepted(sim) == [False]
    assert (await sim.telegram(1)).status_code == 200, "the platform itself knows of no penalty"
    assert await sim.violations() == 0


@pytest.mark.parametrize("kind", ["slow", "drop_after_accept", "half_answer", "drip"])
async def test_a_refusal_is_heard_whatever_was_to_happen_to_the_answer(sim: Sim, kind: str) -> None:
    await sim.control("targets", platform="telegram", target="1", state="kicked")
    await sim.control("faults", kind=kind, delay_s=30)
    assert (await sim.telegram(1)).status_code == 403


async def test_a_withdrawn_credential_stays_withdrawn(sim: Sim) -> None:
    await sim.control("faults", platform="telegram", kind="credential_refused")
    for chat in (1, 2):
        assert (await sim.telegram(chat)).status_code == 401
    assert (await sim.telegram(1, token="2:b")).status_code == 200
    assert (await sim.state())["dead_credentials"] == 1


async def test_chance_is_seeded(sim: Sim) -> None:
    async def struck() -> list[int]:
        await sim.http.delete("/_sim/faults")
        await sim.control("faults", kind="http_500", times=None, probability=0.4, seed=9)
        return [(await sim.http.post("/webhook/in", json={})).status_code for _ in range(30)]

    first = await struck()
    assert first == await struck()
    assert 4 < first.count(500) < 20


async def test_the_page_of_faults_says_what_is_left(sim: Sim) -> None:
    await sim.control("faults", kind="http_500", times=3)
    await sim.telegram(1)
    (fault,) = (await sim.state())["faults"]
    assert (fault["left"], fault["struck"]) == (2, 1)
