"""The practice Discord speaks Discord: versions, scopes, buckets one is told of and one that is not."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.simulator.discord import INVALID_MOST, Discord
from app.simulator.practice import Practice
from tests.simulator.conftest import Sim

HOOK = "/api/v10/webhooks/42/abc-DEF"
CHANNEL = "/api/v10/channels/77/messages"
AGENT = {"User-Agent": "DiscordBot (https://muster.invalid, 0.1)"}
TOKEN = "MTk4NjIy.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
BOT = {**AGENT, "Authorization": f"Bot {TOKEN}"}


async def _hook(sim: Sim, path: str = f"{HOOK}?wait=true", **said: object) -> httpx.Response:
    return await sim.http.post(path, json={"content": "hi", **said}, headers=AGENT)


async def _bot(sim: Sim, path: str = CHANNEL, **said: object) -> httpx.Response:
    return await sim.http.post(path, json={"content": "hi", **said}, headers=BOT)


def _inside(discord: Discord) -> httpx.AsyncClient:
    """A client of this process's own Discord."""
    transport = httpx.ASGITransport(Starlette(routes=discord.routes()))
    return httpx.AsyncClient(transport=transport, base_url="http://discord", headers=AGENT)


async def test_a_webhook_answers_for_the_message_only_when_asked_to(sim: Sim) -> None:
    told = await _hook(sim, content="集合")
    assert told.status_code == 200
    assert isinstance(told.json()["id"], str)
    assert (told.json()["webhook_id"], told.json()["content"]) == ("42", "集合")
    assert (told.headers["x-ratelimit-limit"], told.headers["x-ratelimit-remaining"]) == ("5", "4")
    silent = await _hook(sim, HOOK)
    assert (silent.status_code, silent.content) == (204, b"")
    receipts = await sim.receipts()
    assert [receipt["accepted"] for receipt in receipts] == [True, True]
    assert receipts[0]["target"] == "42"
    assert "abc-DEF" not in str(receipts)


@pytest.mark.parametrize(
    ("way", "state", "status", "code"),
    [
        ("hook", "unknown", 404, 10015),
        ("hook", "kicked", 404, 10015),
        ("hook", "blocked", 401, 50027),
        ("hook", "deleted", 404, 10003),
        ("bot", "unknown", 404, 10003),
        ("bot", "kicked", 403, 50001),
        ("bot", "blocked", 403, 50013),
        ("bot", "deleted", 404, 10003),
    ],
)
async def test_a_closed_channel_has_a_code(sim: Sim, way: str, state: str, status: int, code: int) -> None:
    await sim.control("targets", platform="discord", target="42" if way == "hook" else "77", state=state)
    answer = await (_hook(sim) if way == "hook" else _bot(sim))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    gone = f"{HOOK if way == 'hook' else '/api/v10/channels/77'}/messages/1"
    assert (await sim.http.delete(gone, headers=BOT)).json()["code"] == code


async def test_a_webhooks_token_is_checked_where_it_is_known(sim: Sim) -> None:
    await sim.control("targets", platform="discord", target="42", secret="abc-DEF")
    assert (await _hook(sim)).status_code == 200
    forged = await _hook(sim, "/api/v10/webhooks/42/other?wait=true")
    assert (forged.status_code, forged.json()["code"]) == (401, 50027)
    assert (await sim.http.delete("/api/v10/webhooks/42/other/messages/1", headers=AGENT)).status_code == 401


@pytest.mark.parametrize("way", [_hook, _bot])
@pytest.mark.parametrize(
    ("said", "code"), [({"content": ""}, 50006), ({"content": "字" * 2001}, 50035), ({"content": "字" * 2000}, None)]
)
async def test_a_bad_message_is_refused(sim: Sim, way: Any, said: dict[str, object], code: int | None) -> None:
    answer = await way(sim, **said)
    assert answer.status_code == (400 if code else 200)
    assert answer.json().get("code") == code
    if code == 50035:
        assert answer.json()["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"


@pytest.mark.parametrize("body", [b"{", b"[]", b"null"])
async def test_what_is_no_json_object_is_refused(sim: Sim, body: bytes) -> None:
    answer = await sim.http.post(HOOK, content=body, headers=AGENT)
    assert (answer.status_code, answer.json()["code"]) == (400, 50109)


async def test_a_long_nonce_is_refused(sim: Sim) -> None:
    assert (await _bot(sim, nonce="x" * 26)).json()["code"] == 50035


@pytest.mark.parametrize(
    ("way", "allowed", "called"),
    [
        (_hook, None, "called users"),
        (_hook, {"parse": []}, "called nobody"),
        (_hook, {"parse": ["everyone"]}, "called everyone"),
        (_bot, None, "called everyone and users and roles"),
        (_bot, {"parse": []}, "called nobody"),
        (_bot, {"parse": ["roles"]}, "called roles"),
    ],
)
async def test_who_is_called_is_what_the_message_allows(sim: Sim, way: Any, allowed: object, called: str) -> None:
    more = {} if allowed is None else {"allowed_mentions": allowed}
    await way(sim, content="@here <@42> <@&43>", **more)
    (receipt,) = await sim.receipts()
    assert receipt["answer"] == f"200 {called}"


async def test_one_webhook_takes_five_in_two_seconds_and_is_told(sim: Sim) -> None:
    answers = [await _hook(sim) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    slow = answers[-1]
    assert (slow.headers["x-ratelimit-scope"], slow.headers["x-ratelimit-remaining"]) == ("user", "0")
    assert slow.json()["global"] is False
    assert 0 < slow.json()["retry_after"] <= 2
    assert slow.headers["retry-after"] in {"1", "2"}
    assert (await _hook(sim, "/api/v10/webhooks/43/abc?wait=true")).status_code == 200
    await sim.forward(slow.json()["retry_after"])
    assert (await _hook(sim)).status_code == 200
    assert await sim.violations() == 1


async def test_one_channel_takes_thirty_a_minute_and_no_header_tells(sim: Sim) -> None:
    for _ in range(30):
        answer = await _hook(sim)
        assert answer.status_code == 200
        await sim.forward(0.6)
    slow = await _hook(sim)
    assert slow.status_code == 429
    assert slow.headers["x-ratelimit-scope"] == "shared"
    assert "x-ratelimit-remaining" not in slow.headers
    assert 30 <= slow.json()["retry_after"] <= 43
    (broken,) = (await sim.state())["broken"]
    assert broken["violation"] == "more than 30 a minute in one channel"


async def test_one_address_makes_fifty_requests_a_second() -> None:
    practice = Practice(lambda platform, target, text: None)
    async with _inside(Discord(practice)) as http:
        paths = [f"/api/v10/webhooks/{number}/abc" for number in (*range(100, 160), 159)]
        answers = [await http.post(path, json={"content": "x"}) for path in paths]
    assert [answer.status_code for answer in answers] == [204] * 50 + [429] * 11
    for answer in answers[50:]:
        assert (answer.headers["x-ratelimit-scope"], answer.headers["x-ratelimit-global"]) == ("global", "true")
        assert answer.json()["global"] is True
    assert practice.receipts.counts()["violations"] == 11


async def test_a_bot_takes_five_in_five_seconds_in_one_channel(sim: Sim) -> None:
    answers = [await _bot(sim) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["x-ratelimit-scope"] == "user"
    assert (await _bot(sim, "/api/v10/channels/78/messages")).status_code == 200


async def test_an_enforced_nonce_is_answered_with_the_first_message(sim: Sim) -> None:
    first, again = [(await _bot(sim, nonce="n1", enforce_nonce=True)).json() for _ in range(2)]
    assert first["id"] == again["id"]
    loose = [(await _bot(sim, nonce="n1")).json()["id"] for _ in range(2)]
    assert len({first["id"], *loose}) == 3
    assert (await sim.state())["duplicates"] == 1


@pytest.mark.parametrize("way", [_hook, _bot])
async def test_a_message_is_deleted_once(sim: Sim, way: Any) -> None:
    number = (await way(sim)).json()["id"]
    where = f"{HOOK if way is _hook else '/api/v10/channels/77'}/messages/{number}"
    assert (await sim.http.delete(where, headers=BOT)).status_code == 204
    again = await sim.http.delete(where, headers=BOT)
    assert (again.status_code, again.json()) == (404, {"message": "Unknown Message", "code": 10008})


async def test_a_bot_deletes_only_its_own(sim: Sim) -> None:
    number = (await _bot(sim)).json()["id"]
    other = {**AGENT, "Authorization": "Bot another.token.entirely"}
    assert (await sim.http.delete(f"{CHANNEL}/{number}", headers=other)).status_code == 404


@pytest.mark.parametrize("credential", ["", "Bot x", f"Bearer {TOKEN}"])
async def test_a_token_is_wanted(sim: Sim, credential: str) -> None:
    headers = {**AGENT, "Authorization": credential}
    for answer in (
        await sim.http.get("/api/v10/users/@me", headers=headers),
        await sim.http.post(CHANNEL, json={"content": "x"}, headers=headers),
        await sim.http.delete(f"{CHANNEL}/1", headers=headers),
    ):
        assert (answer.status_code, answer.json()["message"]) == (401, "401: Unauthorized")
    assert not await sim.receipts()


async def test_a_withdrawn_token_is_refused(sim: Sim) -> None:
    assert (await sim.http.get("/api/v10/users/@me", headers=BOT)).json()["bot"] is True
    await sim.control("targets", platform="discord", credential=TOKEN, dead=True)
    assert (await sim.http.get("/api/v10/users/@me", headers=BOT)).status_code == 401
    assert (await sim.http.delete(f"{CHANNEL}/1", headers=BOT)).status_code == 401
    assert (await _bot(sim)).status_code == 401


async def test_a_stranger_is_turned_away_at_the_door(sim: Sim) -> None:
    answer = await sim.http.post(HOOK, json={"content": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, 40333)
    assert not await sim.receipts()


async def test_who_asks_wrongly_too_often_is_shut_out_for_a_while() -> None:
    practice = Practice(lambda platform, target, text: None)
    async with _inside(Discord(practice, invalid_most=3)) as http:
        for _ in range(3):
            assert (await http.get("/api/v10/users/@me")).status_code == 401
        shut = await http.get("/api/v10/users/@me", headers=BOT)
        assert (shut.status_code, shut.text) == (429, "error code: 1015")
        assert "retry-after" not in shut.headers
        practice.ahead_s += 601
        assert (await http.get("/api/v10/users/@me", headers=BOT)).status_code == 200
    assert INVALID_MOST == 10_000


async def test_a_limit_shared_with_others_shuts_nobody_out() -> None:
    practice = Practice(lambda platform, target, text: None)
    async with _inside(Discord(practice, invalid_most=1)) as http:
        for _ in range(30):
            await http.post(HOOK, json={"content": "x"})
            practice.ahead_s += 1
        for _ in range(3):
            assert (await http.post(HOOK, json={"content": "x"})).headers["x-ratelimit-scope"] == "shared"
            practice.ahead_s += 0.1
