"""Matrix: every answer of its fact sheet and of a real Synapse 1.163, and the words it is sent."""

import json

import pytest

from app.channels.adapters.matrix import Matrix
from app.channels.port import Outcome, Post, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import Act, Platform, answer, platform
from tests.conftest import T0

V = Verdict
ROOM = "!IEQD-e:example.org"
TOKEN = f"opaque-{CANARY}"
SECRET = {"access_token": TOKEN}
EVENT = "$jwqL2gBRnxAEl_digEYWZBin6Am5R3a5_TpiI_VYErA"
YES = json.dumps({"event_id": EVENT})
NOT_IN_ROOM = "User @bot:example.org not in room !IEQD-e:example.org"
POWER = "You don't have permission to post that to the room. user_level (0) < send_level (50)"


def no(word: object, error: str = "…", **more: object) -> str:
    return json.dumps({"errcode": word, "error": error, **more})


def _refusal(status: int, word: str, verdict: Verdict, error: str = "…", **more: object) -> Answer:
    return Answer(f"{word} {error}", status, no(word, error, **more), verdict)


def _slow_down(name: str, wait_s: float, body: str, **headers: str) -> Answer:
    return Answer(f"429 {name}", 429, body, V.THROTTLED, headers, wait_s=wait_s, scope=Scope.ACCOUNT)


def _limit(**more: object) -> str:
    return no("M_LIMIT_EXCEEDED", "Too Many Requests", **more)


ANSWERS = (
    Answer("sent", 200, YES, V.SENT, message_id=EVENT),
    Answer("sent, an event of an old room", 200, '{"event_id":"$1:b.org"}', V.SENT, message_id="$1:b.org"),
    Answer("yes without an event", 200, "{}", V.AMBIGUOUS),
    Answer("yes with a number for an event", 200, '{"event_id":42}', V.AMBIGUOUS),
    Answer("yes with a true event", 200, '{"event_id":true}', V.AMBIGUOUS),
    Answer("yes with something else for an event", 200, '{"event_id":"!room"}', V.AMBIGUOUS),
    Answer("yes with an empty event", 200, '{"event_id":"$"}', V.AMBIGUOUS),
    Answer("yes and no at once", 200, no("M_FORBIDDEN", event_id=EVENT), V.AMBIGUOUS),
    Answer("no inside a 200", 200, no("M_FORBIDDEN"), V.AMBIGUOUS),
    Answer("yes in a 201", 201, YES, V.AMBIGUOUS),
    Answer("yes in a 404", 404, YES, V.AMBIGUOUS),
    Answer("yes in a 502", 502, YES, V.AMBIGUOUS),
    Answer("a list", 200, f'["{EVENT}"]', V.AMBIGUOUS),
    _slow_down("as captured", 5, _limit(retry_after_ms=4873), **{"Retry-After": "5"}),
    _slow_down("the header goes first", 7, _limit(retry_after_ms=4873), **{"Retry-After": "7"}),
    _slow_down("the field alone", 5, _limit(retry_after_ms=4873)),
    _slow_down("a fraction of a second", 1, _limit(retry_after_ms=177), **{"Retry-After": "1"}),
    _slow_down("the field alone, far away", 3600, _limit(retry_after_ms=10**12)),
    _slow_down("four thousand digits", 5, _limit(retry_after_ms=10**4200)),
    _slow_down("the field is a word", 5, _limit(retry_after_ms="2000")),
    _slow_down("the field is true", 5, _limit(retry_after_ms=True)),
    _slow_down("the field is negative", 1, _limit(retry_after_ms=-4000)),
    _slow_down("a date", 120, _limit(), **{"Retry-After": "Mon, 02 Mar 2026 09:02:00 GMT"}),
    _slow_down("nothing said", 5, _limit()),
    _slow_down("from a proxy", 5, "<html>"),
    _slow_down("from a proxy that says when", 9, "<html>", **{"Retry-After": "9"}),
    Answer(
        "a throttle that is no 429",
        400,
        _limit(retry_after_ms=2000),
        V.THROTTLED,
        wait_s=2,
        scope=Scope.ACCOUNT,
    ),
    _refusal(403, "M_FORBIDDEN", V.TARGET_GONE, NOT_IN_ROOM),
    _refusal(403, "M_FORBIDDEN", V.TARGET_GONE, POWER),
    _refusal(404, "M_NOT_FOUND", V.TARGET_GONE, "Unknown room"),
    _refusal(403, "M_GUEST_ACCESS_FORBIDDEN", V.TARGET_GONE),
    _refusal(401, "M_UNKNOWN_TOKEN", V.CREDENTIAL_REFUSED, "Invalid access token passed.", soft_logout=False),
    _refusal(401, "M_UNKNOWN_TOKEN", V.CREDENTIAL_REFUSED, "Access token has expired", soft_logout=True),
    _refusal(401, "M_MISSING_TOKEN", V.CREDENTIAL_REFUSED, "Missing access token"),
    _refusal(401, "M_UNAUTHORIZED", V.CREDENTIAL_REFUSED),
    _refusal(401, "M_USER_LOCKED", V.CREDENTIAL_REFUSED, "User account has been locked", soft_logout=True),
    _refusal(403, "M_USER_LOCKED", V.CREDENTIAL_REFUSED),
    _refusal(403, "M_USER_SUSPENDED", V.CREDENTIAL_REFUSED),
    _refusal(403, "M_USER_DEACTIVATED", V.CREDENTIAL_REFUSED),
    _refusal(403, "M_CONSENT_NOT_GIVEN", V.CREDENTIAL_REFUSED, consent_uri="https://example.org/terms"),
    _refusal(404, "M_UNRECOGNIZED", V.CREDENTIAL_REFUSED, "Unrecognized request"),
    _refusal(405, "M_UNRECOGNIZED", V.CREDENTIAL_REFUSED, "Unrecognized request"),
    Answer("401 without a word", 401, "", V.CREDENTIAL_REFUSED),
    _refusal(403, "M_RESOURCE_LIMIT_EXCEEDED", V.NOT_SENT, "Monthly Active User Limit Exceeded"),
    _refusal(400, "M_BAD_JSON", V.CONTENT_REFUSED),
    _refusal(400, "M_NOT_JSON", V.CONTENT_REFUSED, "Content not JSON."),
    _refusal(413, "M_TOO_LARGE", V.CONTENT_REFUSED, "event too large"),
    _refusal(400, "M_UNKNOWN", V.CONTENT_REFUSED, "'body' not in content"),
    _refusal(403, "ORG.EXAMPLE.MODERATED", V.CONTENT_REFUSED),
    Answer("an errcode that is no word", 403, no(403), V.AMBIGUOUS),
    Answer("an errcode that is a sentence", 403, no("it is forbidden"), V.AMBIGUOUS),
    Answer("400 from a proxy", 400, "<html>Bad Request</html>", V.AMBIGUOUS),
    Answer("403 from a proxy", 403, "<html>Forbidden</html>", V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "not found", V.AMBIGUOUS),
    Answer("413 from a proxy", 413, "<html>", V.AMBIGUOUS),
    Answer("500", 500, no("M_UNKNOWN", "Internal server error"), V.AMBIGUOUS),
    Answer("502 from a proxy", 502, "<html>", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("504", 504, "", V.AMBIGUOUS),
    Answer("the token echoed", 400, no("M_UNKNOWN", f"Bearer {TOKEN}, that is {TOKEN}"), V.CONTENT_REFUSED),
    Answer("the token echoed as a word", 400, no(TOKEN, TOKEN), V.AMBIGUOUS),
)

BENCH = Bench(Matrix(), ROOM, SECRET, ANSWERS, ANSWERS[0])


async def _say(act: Act, *, text: str = "hi", mention_all: bool = False, **changes: object) -> tuple[Outcome, Platform]:
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        facts = {"address": ROOM, "secret": SECRET, "base_url": there.base, **changes}
        post = Post(key="dlv_1", text=text, at=T0, mention_all=mention_all, **facts)  # type: ignore[arg-type]
        outcome = await Matrix().post(post, http)
        await http.close()
    return outcome, there


async def test_the_words_are_sent_under_their_key_and_call_nobody() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert heard.method == "PUT"
    assert heard.path == "/_matrix/client/v3/rooms/!IEQD-e:example.org/send/m.room.message/dlv_0001"
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.json == {"msgtype": "m.text", "body": "集合：周六 9 点 🎉 <b>&amp;", "m.mentions": {}}


async def test_a_word_that_could_call_everyone_calls_nobody() -> None:
    _, there = await _say(BENCH.good.act, text="@room come")
    assert there.heard[0].json == {"msgtype": "m.text", "body": "@room come", "m.mentions": {}}


async def test_everyone_is_called_where_that_is_wanted() -> None:
    _, there = await _say(BENCH.good.act, mention_all=True)
    assert there.heard[0].json == {"msgtype": "m.text", "body": "@room hi", "m.mentions": {"room": True}}


async def test_saying_it_again_uses_the_same_path() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        for _ in range(2):
            await Matrix().post(BENCH.post(there), http)
        await http.close()
    assert len({heard.path for heard in there.heard}) == 1


async def test_a_homeserver_may_live_below_a_path() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        post = Post("dlv_1", "hi", T0, "!v12-room-without-a-server", SECRET, f"{there.base}/hs/")
        await Matrix().post(post, http)
        await http.close()
    path = "/hs/_matrix/client/v3/rooms/!v12-room-without-a-server/send/m.room.message/dlv_1"
    assert there.heard[0].path == path


async def test_an_address_cannot_lead_to_another_path() -> None:
    _, there = await _say(BENCH.good.act, address="!../../x?y#z:e.org")
    assert there.heard[0].path.startswith("/_matrix/client/v3/rooms/!..%2F..%2Fx%3Fy%23z:e.org/send/")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": {}}, "no_token"),
        ({"secret": {"access_token": ""}}, "no_token"),
        ({"secret": {"access_token": f"{TOKEN}\r\nX-Evil: 1"}}, "no_token"),
        ({"secret": {"access_token": "密钥"}}, "no_token"),
        ({"base_url": None}, "no_homeserver"),
    ],
)
@pytest.mark.parametrize("address", [ROOM, "#one:example.org"])
async def test_without_a_token_or_a_homeserver_nothing_is_said(
    address: str, changes: dict[str, object], code: str
) -> None:
    outcome, there = await _say(answer(200, {}, b"{}"), address=address, **changes)
    assert (outcome.verdict, outcome.code) == (V.CREDENTIAL_REFUSED, code)
    assert there.connections == 0


async def test_a_session_that_ran_out_is_told_from_a_token_that_was_revoked() -> None:
    for soft, word in ((True, "soft logout"), (False, "revoked")):
        body = no("M_UNKNOWN_TOKEN", "…", soft_logout=soft)
        outcome, _ = await _say(answer(401, {}, body.encode()))
        assert word in outcome.detail


@pytest.mark.parametrize(
    "address",
    ["!abc:example.org", "!abc:[::1]:8448", "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM", "#群:example.org"],
)
def test_a_room_is_an_id_or_an_alias(address: str) -> None:
    assert Matrix().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    ["", "!", "#", "#one", "#:example.org", "!a b:example.org", "@bot:example.org", "$event", "abc:example.org",
     "https://matrix.to/#/!abc:example.org", "!a\x00:example.org", "!a\u200b:example.org", f"!{'群' * 90}:example.org"],
)  # fmt: skip
def test_anything_else_is_explained(address: str) -> None:
    problem = Matrix().address_problem(address)
    assert problem is not None
    assert "#name:example.org" in problem


@pytest.mark.parametrize("text", ["字" * 10_000, '"' * 30_000, "\n" * 30_000])
def test_the_longest_text_fits_into_an_event(text: str) -> None:
    """Of 65 536 bytes a Synapse event of these tests leaves 64 000 to the body."""
    assert Matrix().size.measure(text) == Matrix().size.most
    assert len(json.dumps(text, ensure_ascii=False).encode()) < 64_000
