"""Google Chat's webhook: every answer of its fact sheet, and the words it is sent."""

import json
from dataclasses import replace

import pytest

from app.channels.adapters.googlechat import GoogleChat
from app.channels.addresses import host_allowed
from app.channels.port import Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.limits import Scope
from app.core.logs import redact
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import platform
from tests.conftest import T0

V = Verdict
NAME = "spaces/AAAA1234567/messages/abc-DEF.xyz_1"
QUERY = f"key=AIza{CANARY}&token={CANARY}%3D"


def _yes(name: object = NAME, **more: object) -> str:
    return json.dumps({"name": name, "text": "…", "thread": {"name": "spaces/AAAA1234567/threads/t"}, **more})


def _error(code: object, status: object, message: object = "No.", *details: object) -> str:
    error = {"code": code, "message": message, "status": status}
    return json.dumps({"error": {**error, "details": list(details)} if details else error})


def _no(code: int, status: str, verdict: Verdict, message: str = "No.", *details: object) -> Answer:
    return Answer(f"{code} {status} {message}", code, _error(code, status, message, *details), verdict)


def _quota(limit: object) -> str:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "metadata": {"quota_limit": limit}}
    return _error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", info)


KEY_INVALID = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}

ANSWERS = (
    Answer("sent", 200, _yes(), V.SENT, message_id=NAME),
    Answer("sent, and nothing else said", 200, json.dumps({"name": NAME}), V.SENT, message_id=NAME),
    Answer("yes for another space", 200, _yes("spaces/BBBB/messages/x"), V.AMBIGUOUS),
    Answer("yes for a thread", 200, _yes("spaces/AAAA1234567/threads/x"), V.AMBIGUOUS),
    Answer("yes with a number", 200, _yes(7), V.AMBIGUOUS),
    Answer("yes with true", 200, _yes(name=True), V.AMBIGUOUS),
    Answer("yes without a name", 200, '{"text":"…"}', V.AMBIGUOUS),
    Answer("half a yes", 200, _yes()[:30], V.AMBIGUOUS),
    Answer("yes in a 201", 201, _yes(), V.AMBIGUOUS),
    Answer("yes in a 404", 404, _yes(), V.AMBIGUOUS),
    Answer("no inside a 200", 200, _error(403, "PERMISSION_DENIED"), V.AMBIGUOUS),
    Answer("429", 429, _error(429, "RESOURCE_EXHAUSTED", "Resource exhausted"), V.THROTTLED, wait_s=10),
    Answer("429 and when", 429, _error(429, "RESOURCE_EXHAUSTED"), V.THROTTLED, {"Retry-After": "3"}, wait_s=3),
    Answer("429 from a proxy", 429, "<html>", V.THROTTLED, wait_s=10),
    Answer("429 of a space", 429, _quota("WritesPerSecondPerSpace"), V.THROTTLED, wait_s=10),
    Answer("429 of a project", 429, _quota("WritesPerMinutePerProject"), V.THROTTLED, wait_s=60, scope=Scope.ACCOUNT),
    Answer("429 of a number", 429, _quota(7), V.THROTTLED, wait_s=10),
    Answer("429 with nonsense", 429, '{"error":{"code":429,"details":7}}', V.THROTTLED, wait_s=10),
    Answer(
        "429 with a list of nonsense",
        429,
        '{"error":{"code":429,"details":[7,{"metadata":7}]}}',
        V.THROTTLED,
        wait_s=10,
    ),
    _no(400, "INVALID_ARGUMENT", V.TARGET_GONE, "API key not valid. Please pass a valid API key.", KEY_INVALID),
    _no(401, "UNAUTHENTICATED", V.TARGET_GONE),
    _no(403, "PERMISSION_DENIED", V.TARGET_GONE, "The API is called without a valid token."),
    _no(403, "PERMISSION_DENIED", V.TARGET_GONE, "Method doesn't allow unregistered callers."),
    _no(404, "NOT_FOUND", V.TARGET_GONE, "Requested entity was not found."),
    _no(400, "INVALID_ARGUMENT", V.CONTENT_REFUSED, "Message is too long."),
    _no(400, "INVALID_ARGUMENT", V.CONTENT_REFUSED, "x", {"reason": "OTHER"}),
    _no(400, "FAILED_PRECONDITION", V.CONTENT_REFUSED),
    _no(413, "OUT_OF_RANGE", V.CONTENT_REFUSED),
    _no(409, "ABORTED", V.AMBIGUOUS),
    _no(400, "NOBODY_KNOWS", V.AMBIGUOUS),
    Answer("an error of another status", 400, _error(404, "NOT_FOUND"), V.AMBIGUOUS),
    Answer("a code in words", 404, _error("404", "NOT_FOUND"), V.AMBIGUOUS),
    Answer("a status that is a number", 404, _error(404, 5), V.AMBIGUOUS),
    Answer("a status that is a sentence", 404, _error(404, "Not found."), V.AMBIGUOUS),
    Answer("an error that is a list", 404, '{"error":[404]}', V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "<html>", V.AMBIGUOUS),
    Answer("413 from a proxy", 413, "<html>", V.AMBIGUOUS),
    _no(500, "INTERNAL", V.AMBIGUOUS),
    _no(503, "UNAVAILABLE", V.AMBIGUOUS),
    Answer("502", 502, "<html>", V.AMBIGUOUS),
    Answer("moved", 307, "", V.TARGET_GONE, {"Location": "https://elsewhere.example/"}),
    _no(403, "PERMISSION_DENIED", V.TARGET_GONE, f"AIza{CANARY} with {CANARY}= at ?{QUERY}"),
)

BENCH = Bench(GoogleChat(), f"{{base}}/v1/spaces/AAAA1234567/messages?{QUERY}", {}, ANSWERS, ANSWERS[0])


async def _texts(*posts: Post) -> list[object]:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        for post in posts:
            await GoogleChat().post(replace(post, address=BENCH.address.replace("{base}", there.base)), http)
        await http.close()
    return [heard.json for heard in there.heard]


async def test_the_words_are_sent_as_json_to_the_very_address() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", f"/v1/spaces/AAAA1234567/messages?{QUERY}")
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {"text": "集合：周六 9 点 🎉 <b>&amp;"}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("<users/all> come", "<\u200busers/all> come"),
        ("<Users/123>< users/9>", "<\u200bUsers/123><\u200b users/9>"),
        ("<https://example.org|here>, @all", "<https://example.org|here>, @all"),
    ],
)
async def test_no_word_of_the_text_calls_anyone(text: str, sent: str) -> None:
    post = Post("k", text, T0, "a")
    quiet, loud = await _texts(post, replace(post, mention_all=True))
    assert quiet == {"text": sent}
    assert loud == {"text": f"<users/all> {sent}"}


def test_the_address_never_reaches_a_log() -> None:
    assert CANARY not in redact(f"POST https://chat.googleapis.com/v1/spaces/A/messages?{QUERY} failed")


def test_the_platforms_own_host_is_one_name() -> None:
    path = f"/v1/spaces/A/messages?{QUERY}"
    assert host_allowed(GoogleChat(), f"https://chat.googleapis.com{path}", Guard())
    for host in ("evil.googleapis.com", "chat.googleapis.com.evil.example", "evilchat.googleapis.com"):
        assert not host_allowed(GoogleChat(), f"https://{host}{path}", Guard())


@pytest.mark.parametrize(
    "address",
    [
        "https://chat.googleapis.com/v1/spaces/AAAA_-1/messages?key=k&token=t",
        "https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t%3D&threadKey=x",
        "http://127.0.0.1:9000/google/v1/spaces/A/messages?key=k&token=t",
    ],
)
def test_a_space_is_its_webhook(address: str) -> None:
    assert GoogleChat().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "spaces/AAAA",
        "https://chat.googleapis.com/v1/spaces/A/messages",
        "https://chat.googleapis.com/v1/spaces/A/messages?key=k",
        "https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=",
        "https://chat.googleapis.com/v1/spaces/A/messages?key=k&key=l&token=t",
        "https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t#x",
        "https://chat.googleapis.com/v1/spaces/A?key=k&token=t",
        "https://chat.googleapis.com/v1/spaces/A/messages?" + "a=b&" * 20 + "key=k&token=t",
        "ftp://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t",
        "https://[x/v1/spaces/A/messages?key=k&token=t",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = GoogleChat().address_problem(address)
    assert problem is not None
    assert "token=" in problem
