"""Matrix beside the posting: what an alias means, taking back, and asking after a token."""

import asyncio
import json

import pytest

from app.channels.adapters.matrix import Matrix
from app.channels.port import Checked, Checks, Credential, Outcome, Post, Posted, Recalls, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, posted_by
from tests.channels.platform import Act, Platform, answer, platform, reset, then_close
from tests.channels.test_matrix import EVENT, NOT_IN_ROOM, ROOM, SECRET, TOKEN, YES, no
from tests.conftest import T0

V = Verdict
ALIAS = "#one:example.org"
FOUND = json.dumps({"room_id": ROOM, "servers": ["example.org"]})


def _says(status: int, body: str, **headers: str) -> Act:
    return answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())


async def _post(*acts: Act) -> tuple[Outcome, Platform]:
    """One post to an alias; the platform does one act after another."""
    left = iter(acts)

    async def act(writer: asyncio.StreamWriter) -> None:
        await next(left)(writer)

    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await posted_by(Matrix(), Post("dlv_1", "hi", T0, ALIAS, SECRET, there.base), http)
        await http.close()
    assert CANARY not in repr(outcome)
    return outcome, there


async def _recall(act: Act) -> tuple[Outcome, Platform]:
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await Matrix().recall(Posted(EVENT, T0, ROOM, SECRET, there.base), http)
        await http.close()
    assert CANARY not in repr(outcome)
    return outcome, there


async def _check(act: Act) -> tuple[Checked, Platform]:
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        checked = await Matrix().check(Credential(T0, SECRET, there.base), http)
        await http.close()
    assert CANARY not in repr(checked)
    assert checked.detail.endswith((".", "…"))
    return checked, there


def test_the_optional_powers_are_claimed() -> None:
    assert isinstance(Matrix(), Recalls)
    assert isinstance(Matrix(), Checks)


async def test_an_alias_is_looked_up_and_its_room_is_posted_to() -> None:
    outcome, there = await _post(_says(200, FOUND), _says(200, YES))
    assert (outcome.verdict, outcome.message_id) == (V.SENT, EVENT)
    first, second = there.heard
    assert (first.method, first.path) == ("GET", "/_matrix/client/v3/directory/room/%23one:example.org")
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert second.path == "/_matrix/client/v3/rooms/!IEQD-e:example.org/send/m.room.message/dlv_1"


LOOKED_UP = {
    "unknown": (_says(404, no("M_NOT_FOUND", f"Room alias {ALIAS} not found")), V.TARGET_GONE),
    "no alias": (_says(400, no("M_INVALID_PARAM", "Room alias invalid")), V.TARGET_GONE),
    "its server is away": (_says(502, no("M_UNKNOWN", "Failed to fetch alias")), V.NOT_SENT),
    "broken down": (_says(500, ""), V.NOT_SENT),
    "too often": (_says(429, no("M_LIMIT_EXCEEDED"), Retry_After="3"), V.THROTTLED),
    "token refused": (_says(401, no("M_UNKNOWN_TOKEN")), V.CREDENTIAL_REFUSED),
    "moved away": (_says(302, "", Location="https://example.org/"), V.CONTENT_REFUSED),
    "HTML": (_says(200, "<html>"), V.NOT_SENT),
    "half an answer": (_says(200, FOUND[:20]), V.NOT_SENT),
    "no room": (_says(200, "{}"), V.NOT_SENT),
    "a number for a room": (_says(200, '{"room_id":1}'), V.NOT_SENT),
    "an event for a room": (_says(200, YES), V.NOT_SENT),
    "yes and no at once": (_says(200, no("M_FORBIDDEN", room_id=ROOM)), V.NOT_SENT),
    "a proxy's 404": (_says(404, "nope"), V.NOT_SENT),
    "the token echoed": (_says(400, no("M_UNKNOWN", TOKEN)), V.TARGET_GONE),
    "cut": (then_close(), V.NOT_SENT),
    "reset": (reset, V.NOT_SENT),
}


@pytest.mark.parametrize("case", LOOKED_UP)
async def test_what_goes_wrong_before_the_post_posted_nothing(case: str) -> None:
    act, verdict = LOOKED_UP[case]
    outcome, there = await _post(act)
    assert outcome.verdict is verdict, outcome
    assert len(there.heard) == 1
    if verdict is V.THROTTLED:
        assert (outcome.wait_s, outcome.scope) == (3, Scope.ACCOUNT)


async def test_a_line_lost_after_the_lookup_is_unknown() -> None:
    outcome, there = await _post(_says(200, FOUND), then_close())
    assert outcome.verdict is V.AMBIGUOUS
    assert len(there.heard) == 2


async def test_a_message_is_taken_back_under_a_key_of_its_own() -> None:
    outcome, there = await _recall(_says(200, YES))
    assert outcome == Outcome(V.SENT, "200", "The message was taken back.")
    (heard,) = there.heard
    room = "/_matrix/client/v3/rooms/!IEQD-e:example.org"
    assert (heard.method, heard.path) == ("PUT", f"{room}/redact/{EVENT}/recall-{EVENT}")
    assert heard.json == {}


RECALLED = {
    "not a member any more": (_says(403, no("M_FORBIDDEN", NOT_IN_ROOM)), V.TARGET_GONE),
    "no power": (_says(403, no("M_FORBIDDEN", "You don't have permission to redact events")), V.TARGET_GONE),
    "unknown message": (_says(404, no("M_NOT_FOUND", f"Could not find event {EVENT}")), V.CONTENT_REFUSED),
    "another room's": (
        _says(400, no("M_UNKNOWN", "Cannot redact event from a different room")),
        V.CONTENT_REFUSED,
    ),
    "too often": (_says(429, no("M_LIMIT_EXCEEDED", retry_after_ms=4000)), V.THROTTLED),
    "token refused": (_says(401, no("M_UNKNOWN_TOKEN")), V.CREDENTIAL_REFUSED),
    "HTML": (_says(200, "<html>"), V.AMBIGUOUS),
    "no event": (_says(200, "{}"), V.AMBIGUOUS),
    "broken down": (_says(500, YES), V.AMBIGUOUS),
    "cut": (then_close(), V.AMBIGUOUS),
    "the token echoed": (_says(400, no("M_UNKNOWN", TOKEN)), V.CONTENT_REFUSED),
}


@pytest.mark.parametrize("case", RECALLED)
async def test_a_recall_is_answered_as_strictly_as_a_post(case: str) -> None:
    act, verdict = RECALLED[case]
    outcome, there = await _recall(act)
    assert outcome.verdict is verdict, outcome
    assert len(there.heard) == 1


async def test_a_token_is_asked_after_without_posting() -> None:
    body = json.dumps({"user_id": "@bot:example.org", "is_guest": False, "device_id": "BLYAMVKYPH"})
    checked, there = await _check(_says(200, body))
    assert checked == Checked(works=True, code="200", detail="The access token belongs to @bot:example.org.")
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("GET", "/_matrix/client/v3/account/whoami")
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.body == b""


async def test_a_token_without_a_device_works_and_its_weakness_is_told() -> None:
    checked, _ = await _check(_says(200, '{"user_id":"@bot:example.org","is_guest":false}'))
    assert checked.works
    assert "no device" in checked.detail


CHECKED = {
    "revoked": (_says(401, no("M_UNKNOWN_TOKEN")), False, "M_UNKNOWN_TOKEN"),
    "run out": (_says(401, no("M_UNKNOWN_TOKEN", soft_logout=True)), False, "M_UNKNOWN_TOKEN"),
    "locked": (_says(401, no("M_USER_LOCKED", soft_logout=True)), False, "M_USER_LOCKED"),
    "no homeserver": (_says(404, no("M_UNRECOGNIZED")), False, "M_UNRECOGNIZED"),
    "401 alone": (_says(401, ""), False, "401"),
    "too often": (_says(429, no("M_LIMIT_EXCEEDED")), None, "429"),
    "moved away": (_says(302, "", Location="https://example.org/"), None, "302"),
    "HTML": (_says(200, "<html>"), None, "200"),
    "a number for a user": (_says(200, '{"user_id":7}'), None, "200"),
    "nobody": (_says(200, "{}"), None, "200"),
    "yes and no at once": (_says(200, no("M_UNKNOWN_TOKEN", user_id="@a:b")), None, "200"),
    "broken down": (_says(503, ""), None, "503"),
    "cut": (then_close(), None, "line_lost"),
    "the token echoed": (_says(200, json.dumps({"user_id": f"@{TOKEN}", "device_id": "A"})), True, "200"),
}


@pytest.mark.parametrize("case", CHECKED)
async def test_a_token_is_called_good_or_bad_only_on_the_homeservers_word(case: str) -> None:
    act, works, code = CHECKED[case]
    checked, _ = await _check(act)
    assert (checked.works, checked.code) == (works, code)


@pytest.mark.parametrize(("secret", "base"), [({}, "https://example.org"), (SECRET, None)])
async def test_half_a_credential_is_none(secret: dict[str, str], base: str | None) -> None:
    http = HttpClient(Guard())
    checked = await Matrix().check(Credential(T0, secret, base), http)
    recalled = await Matrix().recall(Posted(EVENT, T0, ROOM, secret, base), http)
    await http.close()
    assert checked.works is False
    assert recalled.verdict is V.CREDENTIAL_REFUSED
