"""Telegram takes a message back and says whose a token is: every answer of its fact sheet to both."""

import json

import pytest

from app.channels.adapters.telegram import Telegram
from app.channels.port import Checked, Checks, Credential, Outcome, Posted, Recalls, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer
from tests.channels.platform import Act, Platform, answer, platform, reset, then_close
from tests.channels.test_telegram import BENCH, CHAT, TOKEN, _no
from tests.conftest import T0

V = Verdict
YES = '{"ok":true,"result":true}'
WHO = '{"ok":true,"result":{"id":4242,"is_bot":true,"first_name":"City","username":"city_bot"}}'


def _refusal(code: int, description: str, verdict: Verdict) -> Answer:
    return Answer(f"{code} {description}", code, _no(code, description), verdict)


DELETIONS = (
    Answer("deleted", 200, YES, V.SENT),
    _refusal(400, "Bad Request: message to delete not found", V.SENT),
    _refusal(400, "Bad Request: message can't be deleted", V.CONTENT_REFUSED),
    _refusal(400, "Bad Request: message can't be deleted for everyone", V.CONTENT_REFUSED),
    _refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", V.CONTENT_REFUSED),
    Answer(
        "upgraded, with the new number",
        400,
        _no(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009),
        V.CONTENT_REFUSED,
    ),
    _refusal(400, "Bad Request: message identifier is not specified", V.CONTENT_REFUSED),
    _refusal(400, "Bad Request: chat not found", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot was kicked from the supergroup chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: message to delete not found", V.TARGET_GONE),
    _refusal(401, "Unauthorized", V.CREDENTIAL_REFUSED),
    _refusal(404, "Not Found: method not found", V.CREDENTIAL_REFUSED),
    Answer("429", 429, _no(429, "Too Many Requests", retry_after=34), V.THROTTLED, wait_s=34),
    Answer("429 from a proxy", 429, "", V.THROTTLED, {"Retry-After": "7"}, wait_s=7),
    Answer("a redirect", 302, "", V.TARGET_GONE, {"Location": "https://example.org/"}),
    Answer("yes to a message", 200, '{"ok":true,"result":{"message_id":42}}', V.AMBIGUOUS),
    Answer("yes as a word", 200, '{"ok":true,"result":"true"}', V.AMBIGUOUS),
    Answer("yes as a number", 200, '{"ok":true,"result":1}', V.AMBIGUOUS),
    Answer("yes to nothing", 200, '{"ok":true}', V.AMBIGUOUS),
    Answer("yes but not 200", 404, YES, V.AMBIGUOUS),
    Answer("half an answer", 200, '{"ok":true,"resu', V.AMBIGUOUS),
    Answer("HTML", 200, "<html>Welcome</html>", V.AMBIGUOUS),
    Answer("no without a code", 400, '{"ok":false}', V.AMBIGUOUS),
    Answer("no with a true code", 400, '{"ok":false,"error_code":true}', V.AMBIGUOUS),
    Answer("no with a code of 0", 400, '{"ok":false,"error_code":0}', V.AMBIGUOUS),
    _refusal(500, "Internal Server Error", V.AMBIGUOUS),
    _refusal(502, "Bad Gateway", V.AMBIGUOUS),
    Answer("a token echoed", 400, _no(400, f"Bad Request: /bot{TOKEN}/x {CANARY}"), V.CONTENT_REFUSED),
)
WORKS: tuple[tuple[str, int, str, bool | None], ...] = (
    ("known", 200, WHO, True),
    ("revoked", 401, _no(401, "Unauthorized"), False),
    ("malformed", 401, _no(401, "Unauthorized: invalid token specified"), False),
    ("401 without a word", 401, "", False),
    ("unknown", 404, _no(404, "Not Found"), False),
    ("404 from a proxy", 404, "not here", None),
    ("throttled", 429, _no(429, "Too Many Requests", retry_after=5), None),
    ("a yes without a bot", 200, '{"ok":true,"result":true}', None),
    ("a yes with a true id", 200, '{"ok":true,"result":{"id":true}}', None),
    ("a yes in a 404", 404, WHO, None),
    ("HTML", 200, "<html>Welcome</html>", None),
    ("half an answer", 200, WHO[:30], None),
    ("broken", 500, "", None),
    ("a redirect", 302, "", None),
    ("refused in another way", 400, _no(400, "Bad Request"), None),
    ("a token echoed", 200, json.dumps({"ok": True, "result": {"id": 1, "username": f"x{TOKEN} {CANARY}"}}), True),
)


async def _recall(act: Act, *, message_id: str = "42", token: str = TOKEN) -> tuple[Outcome, Platform]:
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        posted = Posted(message_id, T0, str(CHAT), {"bot_token": token} if token else {}, there.base)
        outcome = await Telegram().recall(posted, http)
        await http.close()
    return outcome, there


async def _check(act: Act, *, token: str = TOKEN) -> tuple[Checked, Platform]:
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        checked = await Telegram().check(Credential(T0, {"bot_token": token} if token else {}, there.base), http)
        await http.close()
    return checked, there


def test_it_has_both_powers() -> None:
    assert isinstance(BENCH.channel, Recalls)
    assert isinstance(BENCH.channel, Checks)


@pytest.mark.parametrize("row", DELETIONS, ids=str)
async def test_the_answer_to_a_deletion_is_understood(row: Answer) -> None:
    outcome, there = await _recall(row.act)
    assert (outcome.verdict, outcome.wait_s, outcome.moved_to) == (row.verdict, row.wait_s, None), outcome
    (heard,) = there.heard
    assert heard.path == f"/bot{TOKEN}/deleteMessage"
    assert heard.json == {"chat_id": CHAT, "message_id": 42}
    assert CANARY not in repr(outcome)
    assert "posted" not in outcome.detail
    assert outcome.detail.endswith((".", "…"))


@pytest.mark.parametrize("act", [reset, then_close(), then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")])
async def test_a_line_lost_during_a_deletion_leaves_it_open(act: Act) -> None:
    outcome, _ = await _recall(act)
    assert outcome.verdict is V.AMBIGUOUS
    assert outcome.detail == "Nobody can know whether the message still stands (line_lost)."


@pytest.mark.parametrize("message_id", ["", "0", "-1", "4 2", "42/..", "１２", "9" * 30])
async def test_what_is_no_message_is_not_asked_for(message_id: str) -> None:
    outcome, there = await _recall(answer(200, {}, YES.encode()), message_id=message_id)
    assert outcome.verdict is V.CONTENT_REFUSED
    assert not there.connections


@pytest.mark.parametrize(("name", "status", "body", "works"), WORKS, ids=[row[0] for row in WORKS])
async def test_a_token_is_asked_after(name: str, status: int, body: str, works: bool | None) -> None:
    checked, there = await _check(answer(status, {"Location": "/x"}, body.encode()))
    assert checked.works is works, checked
    (heard,) = there.heard
    assert (heard.method, heard.path, heard.body) == ("GET", f"/bot{TOKEN}/getMe", b"")
    assert CANARY not in repr(checked)
    assert checked.detail.endswith(".")


async def test_whose_token_it_is_is_said_by_name() -> None:
    checked, _ = await _check(answer(200, {}, WHO.encode()))
    assert checked == Checked(works=True, code="200", detail="The token is that of the bot @city_bot.")


async def test_silence_says_nothing_about_a_token() -> None:
    checked, _ = await _check(reset)
    assert (checked.works, checked.code) == (None, "no_answer")


async def test_without_a_token_nobody_is_asked() -> None:
    outcome, there = await _recall(answer(200, {}, b""), token="")
    checked, here = await _check(answer(200, {}, b""), token="")
    assert (outcome.verdict, checked.works) == (V.CREDENTIAL_REFUSED, False)
    assert there.connections + here.connections == 0
