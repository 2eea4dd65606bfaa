"""The practice Mattermost speaks the server's own language."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Sim

CHANNEL = "c" * 26


async def _hook(sim: Sim, hook: str = "hook0001", text: str = "hi") -> httpx.Response:
    return await sim.http.post(f"/hooks/{hook}", json={"text": text})


async def _post(sim: Sim, *, token: str = "t1", channel: str = CHANNEL, **more: object) -> httpx.Response:
    body = {"channel_id": channel, "message": "hi", **more}
    return await sim.http.post("/api/v4/posts", json=body, headers={"Authorization": f"Bearer {token}"})


async def test_a_hook_answers_two_letters(sim: Sim) -> None:
    answer = await _hook(sim, text="你好")
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/plain")
    (receipt,) = await sim.receipts()
    assert (receipt["platform"], receipt["target"], receipt["text"]) == ("mattermost", "hook0001", "你好")


async def test_a_hook_takes_a_payload_in_a_form_too(sim: Sim) -> None:
    answer = await sim.http.post("/hooks/hook0001", data={"payload": json.dumps({"text": "hi"})})
    assert answer.text == "ok"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text":""}', b'{"text":7}', b'{"attachments":[]}'])
async def test_a_hook_refuses_what_says_nothing(sim: Sim, body: bytes) -> None:
    answer = await sim.http.post("/hooks/hook0001", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["id"] == "web.incoming_webhook.general.app_error"
    assert "hook0001" in answer.json()["message"]


@pytest.mark.parametrize(
    ("state", "status"), [("unknown", 400), ("kicked", 403), ("blocked", 403), ("deleted", 404), ("migrated", 400)]
)
async def test_a_closed_hook(sim: Sim, state: str, status: int) -> None:
    await sim.control("targets", platform="mattermost", target="hook0001", state=state)
    assert (await _hook(sim)).status_code == status
    assert (await _hook(sim, "other")).status_code == 200


async def test_a_post_is_made_once_for_its_key_within_half_a_minute(sim: Sim) -> None:
    answers = [(await _post(sim, pending_post_id="k1")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert len(answers[0].json()["id"]) == 26
    await sim.forward(30.5)
    assert (await _post(sim, pending_post_id="k1")).json()["id"] != answers[0].json()["id"]
    assert (await sim.state())["duplicates"] == 1


@pytest.mark.parametrize(
    ("state", "status", "name"),
    [
        ("unknown", 400, "api.context.invalid_param.app_error"),
        ("migrated", 400, "api.context.invalid_param.app_error"),
        ("kicked", 403, "api.context.permissions.app_error"),
        ("blocked", 403, "api.context.permissions.app_error"),
        ("deleted", 400, "api.post.create_post.can_not_post_to_deleted.error"),
    ],
)
async def test_a_closed_channel(sim: Sim, state: str, status: int, name: str) -> None:
    await sim.control("targets", platform="mattermost", target=CHANNEL, state=state)
    answer = await _post(sim)
    assert (answer.status_code, answer.json()["id"], answer.json()["status_code"]) == (status, name, status)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"channel": ""}, "api.context.invalid_param.app_error"),
        ({"message": ""}, "model.post.is_valid.message_length.app_error"),
        ({"message": "字" * 16_384}, "model.post.is_valid.message_length.app_error"),
    ],
)
async def test_a_bad_post_is_refused(sim: Sim, more: dict[str, Any], name: str) -> None:
    answer = await _post(sim, **more)
    assert (answer.status_code, answer.json()["id"]) == (400, name)
    assert (await _post(sim, message="字" * 16_383)).status_code == 201


async def test_only_its_author_takes_a_post_back_and_only_once(sim: Sim) -> None:
    number = (await _post(sim)).json()["id"]

    async def delete(token: str, post: str = number) -> tuple[int, str]:
        answer = await sim.http.delete(f"/api/v4/posts/{post}", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json().get("id", answer.json().get("status"))

    assert await delete("t2") == (403, "api.context.permissions.app_error")
    assert await delete("t1") == (200, "OK")
    assert await delete("t1") == (404, "app.post.get.app_error")
    assert await delete("t1", "nobody") == (404, "app.post.get.app_error")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic t1"}])
async def test_without_a_token_nothing_goes(sim: Sim, headers: dict[str, str]) -> None:
    answers = [
        await sim.http.post("/api/v4/posts", json={"channel_id": CHANNEL, "message": "hi"}, headers=headers),
        await sim.http.delete("/api/v4/posts/x", headers=headers),
        await sim.http.get("/api/v4/users/me", headers=headers),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["id"] for answer in answers} == {"api.context.session_expired.app_error"}


@pytest.mark.alone
async def test_a_burst_of_a_hundred_is_taken_and_then_ten_a_second(sim: Sim) -> None:
    calls = [_hook(sim, f"hook{number}") if number % 2 else _post(sim) for number in range(130)]
    answers = await asyncio.gather(*calls)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 10 <= len(refused) <= 20
    assert refused[0].text == "limit exceeded\n"
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].headers["x-ratelimit-remaining"] == "0"
    assert await sim.violations() == len(refused)
    await sim.forward(20)
    assert (await _hook(sim)).status_code == 200
