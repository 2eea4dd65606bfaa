"""The practice Zulip speaks the server's own language."""

from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Sim

AUTH = ("bot@example.org", "key")


async def _say(sim: Sim, content: str = "hi", *, auth: Any = AUTH, **more: str) -> httpx.Response:
    form = {"type": "stream", "to": "42", "topic": "rain", "content": content, **more}
    return await sim.http.post("/api/v1/messages", data=form, auth=auth)


async def test_a_message_stands_in_its_topic(sim: Sim) -> None:
    answer = await _say(sim, "你好")
    assert (answer.status_code, answer.json()) == (200, {"result": "success", "msg": "", "id": 1})
    (receipt,) = await sim.receipts()
    assert (receipt["credential"], receipt["target"], receipt["text"]) == ("bot@example.org", "42:rain", "你好")


async def test_what_is_too_long_is_cut_and_taken(sim: Sim) -> None:
    assert (await _say(sim, "字" * 10_001)).status_code == 200
    assert (await _say(sim, "字" * 10_000)).status_code == 200
    cut, whole = [receipt["text"] for receipt in await sim.receipts()]
    assert cut.endswith("\n[message truncated]")
    assert (len(cut), whole) == (10_000, "字" * 10_000)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("unknown", "STREAM_DOES_NOT_EXIST"),
        ("migrated", "STREAM_DOES_NOT_EXIST"),
        ("kicked", "BAD_REQUEST"),
        ("blocked", "BAD_REQUEST"),
        ("deleted", "BAD_REQUEST"),
    ],
)
@pytest.mark.parametrize("target", ["42", "42:rain"])
async def test_a_closed_channel_or_topic(sim: Sim, target: str, state: str, code: str) -> None:
    await sim.control("targets", platform="zulip", target=target, state=state)
    answer = await _say(sim)
    assert (answer.status_code, answer.json()["result"], answer.json()["code"]) == (400, "error", code)
    assert (await _say(sim, to="43")).status_code == 200


async def test_what_lacks_something_is_refused(sim: Sim) -> None:
    lacking = await sim.http.post("/api/v1/messages", data={"type": "stream", "to": "42"}, auth=AUTH)
    assert (lacking.status_code, lacking.json()["code"]) == (400, "REQUEST_VARIABLE_MISSING")
    empty = await _say(sim, " ")
    assert (empty.status_code, empty.json()["msg"]) == (400, "Message must not be empty")


@pytest.mark.parametrize("auth", [None, ("bot@example.org", ""), ("", "key")])
async def test_without_a_key_nothing_goes(sim: Sim, auth: Any) -> None:
    answers = [
        await _say(sim, auth=auth),
        await sim.http.delete("/api/v1/messages/1", auth=auth),
        await sim.http.get("/api/v1/streams/42", auth=auth),
        await sim.http.get("/api/v1/users/me", auth=auth),
    ]
    assert {answer.status_code for answer in answers} == {401}
    broken = await sim.http.get("/api/v1/users/me", headers={"Authorization": "Basic !"})
    assert broken.json()["code"] == "INVALID_API_KEY"


async def test_a_bot_can_ask_who_it_is_and_what_it_sees(sim: Sim) -> None:
    assert (await sim.http.get("/api/v1/users/me", auth=AUTH)).json()["email"] == "bot@example.org"
    assert (await sim.http.get("/api/v1/streams/42", auth=AUTH)).json()["stream"]["stream_id"] == 42
    await sim.control("targets", platform="zulip", target="42", state="kicked")
    assert (await sim.http.get("/api/v1/streams/42", auth=AUTH)).status_code == 400


async def test_only_its_author_takes_a_message_back_and_only_once(sim: Sim) -> None:
    number = (await _say(sim)).json()["id"]

    async def delete(auth: tuple[str, str]) -> str:
        answer = (await sim.http.delete(f"/api/v1/messages/{number}", auth=auth)).json()
        return str(answer["msg"])

    assert await delete(("other@example.org", "key")) == "You don't have permission to delete this message"
    assert await delete(AUTH) == ""
    assert await delete(AUTH) == "Invalid message(s)"


async def test_a_user_says_two_hundred_a_minute_wherever(sim: Sim) -> None:
    for number in range(200):
        assert (await _say(sim, to=str(1 + number % 7))).status_code == 200
    answer = await _say(sim)
    assert answer.status_code == 429
    assert answer.json()["code"] == "RATE_LIMIT_HIT"
    assert answer.json()["retry-after"] == float(answer.headers["retry-after"])
    assert await sim.violations() == 1
    assert (await _say(sim, auth=("other@example.org", "key"))).status_code == 200
    await sim.forward(60)
    assert (await _say(sim)).status_code == 200
