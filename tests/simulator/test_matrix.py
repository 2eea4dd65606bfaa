"""The practice homeserver speaks like Synapse 1.163, and the real adapter understands it."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.channels.adapters.matrix import Matrix
from app.channels.port import Credential, Outcome, Post, Posted, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import posted_by
from tests.conftest import T0
from tests.simulator.conftest import Sim

V = Verdict
ROOM = "!one:localhost"
BOT, TWIN, OTHER = "syt_Ym90_a_b", "syt_Ym90_c_d", "syt_b3RoZXI_a_b"
HI = {"msgtype": "m.text", "body": "hi", "m.mentions": {}}


def _as(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def _ask(sim: Sim, method: str, path: str, token: str = BOT, **more: Any) -> httpx.Response:
    return await sim.http.request(method, f"/_matrix/client/v3/{path}", headers=_as(token), **more)


async def _send(sim: Sim, txn: str, *, room: str = ROOM, token: str = BOT, body: object = HI) -> httpx.Response:
    path = f"rooms/{quote(room, safe='')}/send/m.room.message/{quote(txn, safe='')}"
    return await _ask(sim, "PUT", path, token, content=json.dumps(body))


async def _redact(sim: Sim, event: str, txn: str, *, room: str = ROOM, token: str = BOT) -> httpx.Response:
    return await _ask(sim, "PUT", f"rooms/{quote(room)}/redact/{quote(event)}/{txn}", token, json={})


def _word(answer: httpx.Response) -> tuple[int, str, str]:
    said = answer.json()
    return answer.status_code, said["errcode"], said["error"]


async def _post(sim: Sim, address: str = ROOM, *, text: str = "hi", key: str = "dlv_1") -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    try:
        return await posted_by(Matrix(), Post(key, text, T0, address, {"access_token": BOT}, sim.base), http)
    finally:
        await http.close()


async def test_a_message_stands_and_its_receipt_names_no_token(sim: Sim) -> None:
    answer = await _send(sim, "dlv_1")
    assert answer.status_code == 200
    assert answer.json()["event_id"].startswith("$")
    (receipt,) = await sim.receipts()
    assert (receipt["platform"], receipt["credential"], receipt["target"]) == ("matrix", "@bot:localhost", ROOM)
    assert (receipt["text"], receipt["accepted"]) == ("hi", True)
    assert receipt["key"].endswith(" dlv_1")
    assert "syt_" not in str(receipt)


async def test_a_device_that_repeats_a_transaction_gets_the_same_event(sim: Sim) -> None:
    first, again = [(await _send(sim, "t", body=HI | {"body": text})).json() for text in ("hi", "other words")]
    assert first == again
    assert [(receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()] == [
        (True, False),
        (False, True),
    ]


async def test_another_device_room_or_transaction_is_another_event(sim: Sim) -> None:
    answers = [
        await _send(sim, "t"),
        await _send(sim, "t", token=TWIN),
        await _send(sim, "t", room="!two:localhost"),
        await _send(sim, "u"),
    ]
    assert len({answer.json()["event_id"] for answer in answers}) == 4


async def test_after_half_an_hour_a_transaction_is_forgotten(sim: Sim) -> None:
    first = (await _send(sim, "t")).json()
    await sim.forward(29 * 60)
    assert (await _send(sim, "t")).json() == first
    await sim.forward(2 * 60)
    second = (await _send(sim, "t")).json()
    assert second != first
    assert (await _send(sim, "t")).json() == second
    assert [receipt["accepted"] for receipt in await sim.receipts()] == [True, False, True, False]


@pytest.mark.alone
async def test_a_user_says_ten_at_once_and_one_in_five_seconds_in_all_rooms_together(sim: Sim) -> None:
    for number in range(10):
        assert (await _send(sim, f"t{number}", room=f"!{number}:localhost")).status_code == 200
    answer = await _send(sim, "t10", token=TWIN)  # another device of the same user
    assert _word(answer) == (429, "M_LIMIT_EXCEEDED", "Too Many Requests")
    assert 4000 < answer.json()["retry_after_ms"] <= 5000
    assert answer.headers["retry-after"] == "5"
    assert (await _send(sim, "t", token=OTHER)).status_code == 200
    state = await sim.state()
    assert {broken["violation"] for broken in state["broken"]} == {"more than 0.2 a second by one user, ten at once"}
    await sim.forward(5)
    assert (await _send(sim, "t10")).status_code == 200
    assert (await _send(sim, "t11")).status_code == 429


async def test_a_refused_call_pours_nothing_into_the_bucket(sim: Sim) -> None:
    for number in range(30):
        await _send(sim, f"t{number}")
    await sim.forward(5)
    assert (await _send(sim, "t")).status_code == 200


async def test_a_repeat_costs_nothing_of_the_limit(sim: Sim) -> None:
    for _ in range(30):
        assert (await _send(sim, "t")).status_code == 200
    assert await sim.violations() == 0


async def test_the_limits_of_the_channel_break_none_of_the_homeservers(sim: Sim) -> None:
    (limit,) = Matrix().limits
    assert limit.scope is Scope.ACCOUNT
    for burst in range(4):
        for number in range(limit.count):
            assert (await _send(sim, f"t{burst}-{number}", room=f"!{number}:localhost")).status_code == 200
        await sim.forward(limit.per_s)
    assert await sim.violations() == 0


NOT_IN = f"User @bot:localhost not in room {ROOM}"
POWER = "You don't have permission to post that to the room. user_level (0) < send_level (50)"


@pytest.mark.parametrize(
    ("state", "words"),
    [("unknown", NOT_IN), ("kicked", NOT_IN), ("deleted", NOT_IN), ("blocked", POWER), ("migrated", POWER)],
)
async def test_a_closed_room_is_refused_in_the_servers_words(sim: Sim, state: str, words: str) -> None:
    await sim.control("targets", platform="matrix", target=ROOM, state=state)
    assert _word(await _send(sim, "t")) == (403, "M_FORBIDDEN", words)
    assert (await _post(sim)).verdict is V.TARGET_GONE


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", (400, "M_NOT_JSON", "Content not JSON.")),
        (b"[]", (400, "M_UNKNOWN", "'body' not in content")),
        (b'{"msgtype":"m.text"}', (400, "M_UNKNOWN", "'body' not in content")),
        (json.dumps(HI | {"body": "x" * 65_000}).encode(), (413, "M_TOO_LARGE", "event too large")),
    ],
)
async def test_a_bad_event_is_refused(sim: Sim, body: bytes, word: tuple[int, str, str]) -> None:
    assert _word(await _ask(sim, "PUT", f"rooms/{ROOM}/send/m.room.message/t", content=body)) == word


async def test_what_the_channel_calls_its_longest_text_is_taken(sim: Sim) -> None:
    most = Matrix().size.most
    for number, letter in enumerate(("x", '"', "\n")):
        assert (await _post(sim, text=letter * most, key=f"k{number}")).verdict is V.SENT
    assert (await _post(sim, text="字" * 22_000, key="k")).verdict is V.CONTENT_REFUSED


async def test_who_has_no_token_is_nobody(sim: Sim) -> None:
    answer = await sim.http.get("/_matrix/client/v3/account/whoami")
    assert _word(answer) == (401, "M_MISSING_TOKEN", "Missing access token")
    assert (await _ask(sim, "GET", "nonsense")).json()["errcode"] == "M_UNRECOGNIZED"


async def test_a_token_tells_whose_it_is_until_it_is_revoked(sim: Sim) -> None:
    said = [(await _ask(sim, "GET", "account/whoami", token)).json() for token in (BOT, TWIN, "opaque")]
    assert [one["user_id"] for one in said[:2]] == ["@bot:localhost"] * 2
    assert said[2]["user_id"].startswith("@bot-")
    assert len({one["device_id"] for one in said}) == 3
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    credential = Credential(T0, {"access_token": BOT}, sim.base)
    assert (await Matrix().check(credential, http)).works is True
    await sim.control("targets", platform="matrix", credential=BOT, dead=True)
    assert _word(await _send(sim, "t")) == (401, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
    assert (await Matrix().check(credential, http)).works is False
    assert (await _post(sim)).verdict is V.CREDENTIAL_REFUSED
    assert (await Matrix().recall(Posted("$e", T0, ROOM, credential.secret, sim.base), http)).code == "M_UNKNOWN_TOKEN"
    await http.close()


async def test_an_alias_leads_to_its_room_and_after_an_upgrade_to_the_next(sim: Sim) -> None:
    assert (await _post(sim, "#one:localhost")).verdict is V.SENT
    await sim.control("targets", platform="matrix", target=ROOM, state="migrated", migrate_to=77)
    assert (await _post(sim, "#one:localhost", key="dlv_2")).verdict is V.SENT
    assert [receipt["target"] for receipt in await sim.receipts()] == [ROOM, "!77:localhost"]
    await sim.control("targets", platform="matrix", target="#none:localhost", state="unknown")
    assert (await _post(sim, "#none:localhost")).verdict is V.TARGET_GONE
    assert _word(await _ask(sim, "GET", "directory/room/none"))[1] == "M_INVALID_PARAM"


async def test_a_message_is_taken_back_and_again_without_harm(sim: Sim) -> None:
    event = (await _post(sim)).message_id
    assert event is not None
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    for _ in range(2):
        outcome = await Matrix().recall(Posted(event, T0, ROOM, {"access_token": BOT}, sim.base), http)
        assert outcome.verdict is V.SENT
    await http.close()
    answers = [await _redact(sim, event, txn) for txn in ("a", "b")]
    assert answers[0].json()["event_id"] != answers[1].json()["event_id"]


async def test_a_redaction_under_the_messages_own_transaction_does_nothing(sim: Sim) -> None:
    event = (await _send(sim, "dlv_1")).json()["event_id"]
    assert (await _redact(sim, event, "dlv_1")).json() == {"event_id": event}


async def test_a_redaction_is_refused_in_the_servers_words(sim: Sim) -> None:
    event = (await _send(sim, "t")).json()["event_id"]
    assert _word(await _redact(sim, "$none", "a")) == (404, "M_NOT_FOUND", "Could not find event $none")
    elsewhere = await _redact(sim, event, "a", room="!two:localhost")
    assert _word(elsewhere) == (400, "M_UNKNOWN", "Cannot redact event from a different room")
    strange = await _redact(sim, event, "a", token=OTHER)
    assert _word(strange) == (403, "M_FORBIDDEN", "You don't have permission to redact events")
    for number in range(9):
        assert (await _redact(sim, event, f"r{number}")).status_code == 200
    assert (await _redact(sim, event, "r9")).status_code == 429
    await sim.control("targets", platform="matrix", target=ROOM, state="kicked")
    assert _word(await _redact(sim, event, "late")) == (403, "M_FORBIDDEN", NOT_IN)
