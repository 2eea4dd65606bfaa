"""The practice Slack speaks Slack: one plain word behind a webhook, everything in a 200 behind a token."""

from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Sim

HOOK = "/services/T1/B1/abcDEF"
TOKEN = "xoxb-1-2-abc"


async def _call(sim: Sim, method: str, *, token: str = TOKEN, **said: object) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await sim.http.post(f"/api/{method}", json=said, headers=headers)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def _say(sim: Sim, channel: str, text: str = "hi", *, token: str = TOKEN) -> httpx.Response:
    said = {"channel": channel, "text": text}
    return await sim.http.post("/api/chat.postMessage", json=said, headers={"Authorization": f"Bearer {token}"})


async def test_a_webhook_says_ok_and_no_more(sim: Sim) -> None:
    answer = await sim.http.post(HOOK, json={"text": "集合 &lt;b&gt; &amp;amp;"})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/plain")
    (receipt,) = await sim.receipts()
    assert (receipt["platform"], receipt["target"], receipt["credential"]) == ("slack", "T1/B1/abcDEF", "B1")
    assert (receipt["text"], receipt["answer"]) == ("集合 <b> &amp;", "ok called nobody")


@pytest.mark.parametrize("call", ["<!channel>", "<!here>", "<!everyone>", "<@U1>", "<!subteam^S1>", "<!here|x>"])
async def test_brackets_call_people_and_entities_do_not(sim: Sim, call: str) -> None:
    for text in (call, call.replace("<", "&lt;").replace(">", "&gt;")):
        await sim.http.post(HOOK, json={"text": text})
    loud, plain = await sim.receipts()
    assert (loud["answer"], plain["answer"]) == ("ok called someone", "ok called nobody")
    assert loud["text"] == plain["text"] == call


@pytest.mark.parametrize(
    ("state", "status", "word"),
    [
        ("unknown", 404, "no_service"),
        ("kicked", 403, "action_prohibited"),
        ("blocked", 403, "posting_to_general_channel_denied"),
        ("deleted", 410, "channel_is_archived"),
        ("migrated", 404, "channel_not_found"),
    ],
)
async def test_a_closed_webhook_says_why_in_one_word(sim: Sim, state: str, status: int, word: str) -> None:
    await sim.control("targets", platform="slack", target="T1/B1/abcDEF", state=state)
    answer = await sim.http.post(HOOK, json={"text": "x"})
    assert (answer.status_code, answer.text) == (status, word)


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        (HOOK, b"{", 400, "invalid_payload"),
        (HOOK, b"[]", 400, "invalid_payload"),
        (HOOK, b"{}", 400, "no_text"),
        (HOOK, b'{"text":""}', 400, "no_text"),
        ("/services/T1/B1", b'{"text":"x"}', 404, "no_service_id"),
    ],
)
async def test_a_webhook_refuses_what_it_cannot_read(sim: Sim, path: str, body: bytes, status: int, word: str) -> None:
    answer = await sim.http.post(path, content=body)
    assert (answer.status_code, answer.text) == (status, word)


async def test_a_webhook_takes_five_at_once_and_says_when(sim: Sim) -> None:
    answers = [await sim.http.post(HOOK, json={"text": "x"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["error"] == "rate_limited"
    wait = int(answers[-1].headers["retry-after"])
    assert 1 <= wait <= 5
    assert await sim.violations() == 1
    await sim.forward(wait)
    assert (await sim.http.post(HOOK, json={"text": "x"})).status_code == 200


async def test_an_app_is_answered_with_a_channel_and_a_time(sim: Sim) -> None:
    first, second = [(await _say(sim, "C1", "你好")).json() for _ in range(2)]
    assert (first["ok"], first["channel"], first["message"]["text"]) == (True, "C1", "你好")
    assert first["ts"] != second["ts"]
    assert (await _say(sim, "U1")).json()["channel"] == "D1"
    assert TOKEN not in str(await sim.receipts())


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("unknown", "channel_not_found"),
        ("kicked", "not_in_channel"),
        ("blocked", "restricted_action"),
        ("deleted", "is_archived"),
        ("migrated", "channel_not_found"),
    ],
)
async def test_a_closed_channel_is_refused_in_a_200(sim: Sim, state: str, error: str) -> None:
    await sim.control("targets", platform="slack", target="C1", state=state)
    assert await _call(sim, "chat.postMessage", channel="C1", text="x") == {"ok": False, "error": error}


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"text": "x"}, "channel_not_found"),
        ({"channel": "C1"}, "no_text"),
        ({"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
    ],
)
async def test_a_bad_message_is_refused(sim: Sim, said: dict[str, object], error: str) -> None:
    assert (await _call(sim, "chat.postMessage", **said))["error"] == error


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("nonsense", "invalid_auth")])
async def test_a_token_is_wanted(sim: Sim, token: str, error: str) -> None:
    assert (await _call(sim, "auth.test", token=token))["error"] == error


async def test_an_app_knows_itself_and_few_methods(sim: Sim) -> None:
    assert (await _call(sim, "auth.test"))["team"] == "Practice"
    assert (await _call(sim, "chat.sing"))["error"] == "unknown_method"
    form = await sim.http.post("/api/auth.test", data={"token": TOKEN})
    assert form.json()["ok"] is True


async def test_only_the_author_deletes_and_only_once(sim: Sim) -> None:
    ts = (await _say(sim, "C1")).json()["ts"]
    other = await _call(sim, "chat.delete", token="xoxb-other-1", channel="C1", ts=ts)
    assert other["error"] == "cant_delete_message"
    assert (await _call(sim, "chat.delete", channel="C2", ts=ts))["error"] == "message_not_found"
    assert (await _call(sim, "chat.delete", channel="general", ts=ts))["error"] == "channel_not_found"
    assert await _call(sim, "chat.delete", channel="C1", ts=ts) == {"ok": True, "channel": "C1", "ts": ts}
    assert (await _call(sim, "chat.delete", channel="C1", ts=ts))["error"] == "message_not_found"


async def test_deletions_have_a_limit_of_their_own(sim: Sim) -> None:
    said, headers = {"channel": "C1", "ts": "1.1"}, {"Authorization": f"Bearer {TOKEN}"}
    answers = [await sim.http.post("/api/chat.delete", json=said, headers=headers) for _ in range(51)]
    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert answers[-1].json() == {"ok": False, "error": "ratelimited"}
    assert (await _say(sim, "C1")).status_code == 200


async def test_an_app_has_a_limit_over_all_channels(sim: Sim) -> None:
    for number in range(300):
        assert (await _say(sim, f"C{number}")).status_code == 200
    answer = await _say(sim, "C999")
    assert answer.status_code == 429
    assert answer.json() == {"ok": False, "error": "ratelimited"}
    assert int(answer.headers["retry-after"]) <= 30
    assert (await _say(sim, "C999", token="xoxb-other-1")).status_code == 200
    (broken,) = (await sim.state())["broken"]
    assert broken["violation"] == "more than several hundred a minute by one app"


async def test_a_withdrawn_token_is_refused(sim: Sim) -> None:
    await sim.control("targets", platform="slack", credential=TOKEN, dead=True)
    for method in ("chat.postMessage", "chat.delete", "auth.test"):
        assert (await _call(sim, method, channel="C1", text="x"))["error"] == "account_inactive"
