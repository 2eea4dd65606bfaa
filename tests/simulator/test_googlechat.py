"""The practice Google Chat speaks the API's own language."""

import httpx
import pytest

from tests.simulator.conftest import Sim


async def _say(sim: Sim, space: str = "AAAA", text: str = "hi", *, query: str = "key=k&token=t") -> httpx.Response:
    return await sim.http.post(f"/v1/spaces/{space}/messages?{query}", json={"text": text})


async def test_a_message_stands_under_its_name(sim: Sim) -> None:
    answer = await _say(sim, text="你好")
    assert answer.status_code == 200
    assert answer.json()["name"].startswith("spaces/AAAA/messages/")
    assert answer.json()["thread"]["name"].startswith("spaces/AAAA/threads/")
    (receipt,) = await sim.receipts()
    assert (receipt["target"], receipt["text"], receipt["accepted"]) == ("AAAA", "你好", True)


async def test_a_space_takes_one_message_a_second(sim: Sim) -> None:
    answers = [await _say(sim), await _say(sim), await _say(sim, "BBBB")]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert answers[1].json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert "retry-after" not in answers[1].headers
    assert await sim.violations() == 1
    await sim.forward(1.1)
    assert (await _say(sim)).status_code == 200


@pytest.mark.parametrize(
    ("state", "status"), [("unknown", 404), ("deleted", 404), ("migrated", 404), ("kicked", 403), ("blocked", 403)]
)
async def test_a_closed_space(sim: Sim, state: str, status: int) -> None:
    await sim.control("targets", platform="googlechat", target="AAAA", state=state)
    answer = await _say(sim)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


@pytest.mark.parametrize("query", ["", "key=k", "token=t", "key=&token=t"])
async def test_without_its_credential_nothing_goes(sim: Sim, query: str) -> None:
    answer = await _say(sim, query=query)
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("text", ["", "字" * 10_667])
async def test_a_bad_message_is_refused(sim: Sim, text: str) -> None:
    answer = await _say(sim, text=text)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"text":7}'])
async def test_what_is_no_message_is_refused(sim: Sim, body: bytes) -> None:
    answer = await sim.http.post("/v1/spaces/AAAA/messages?key=k&token=t", content=body)
    assert answer.status_code == 400
