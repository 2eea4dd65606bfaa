"""Zulip: every answer to a post, to taking it back, and to asking after the key; the words it is sent."""

import json
from base64 import b64encode
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from app.channels.adapters.zulip import LONGEST, Zulip
from app.channels.port import Credential, Post, Posted, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.limits import Scope
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import platform
from tests.conftest import T0

V = Verdict
EMAIL = "muster-bot@example.org"
LIMITED = "API usage exceeded rate limit"


def yes(**more: object) -> str:
    return json.dumps({"result": "success", "msg": "", **more})


def error(code: object, message: object = "No.", **more: object) -> str:
    return json.dumps({"result": "error", "msg": message, "code": code, **more})


def no(status: int, code: str, verdict: Verdict, message: str = "No.") -> Answer:
    return Answer(f"{status} {code} {message}", status, error(code, message), verdict)


def slow(name: str, wait_s: float, wait: object, status: int = 429, **headers: str) -> Answer:
    body = error("RATE_LIMIT_HIT", LIMITED, **{"retry-after": wait})
    return Answer(f"too often, {name}", status, body, V.THROTTLED, headers, wait_s=wait_s, scope=Scope.ACCOUNT)


SLOW = (
    slow("as the server says it", 28.7, 28.7, **{"Retry-After": "28.7", "X-RateLimit-Remaining": "0"}),
    slow("without a number", 9, None, **{"Retry-After": "9"}),
    slow("with true", 60, True),
    slow("with a negative", 1, -4),
    slow("in another status", 3, 3, 400),
    slow("translated", 3, 3),
    Answer("429 from a proxy", 429, "<html>", V.THROTTLED, {"Retry-After": "7"}, wait_s=7, scope=Scope.ACCOUNT),
    Answer("429 without a word", 429, "", V.THROTTLED, wait_s=60, scope=Scope.ACCOUNT),
)
STRANGER = (
    no(401, "UNAUTHORIZED", V.CREDENTIAL_REFUSED, "Not logged in"),
    no(401, "UNAUTHENTICATED_USER", V.CREDENTIAL_REFUSED),
    no(401, "INVALID_API_KEY", V.CREDENTIAL_REFUSED, "Invalid API key"),
    no(401, "USER_DEACTIVATED", V.CREDENTIAL_REFUSED, "Account is deactivated"),
    no(403, "USER_DEACTIVATED", V.CREDENTIAL_REFUSED, "Account not active"),
    no(401, "REALM_DEACTIVATED", V.CREDENTIAL_REFUSED),
    no(404, "NONEXISTENT_SUBDOMAIN", V.CREDENTIAL_REFUSED, "Invalid subdomain"),
)
BROKEN = (
    Answer("401 from a proxy", 401, "<html>", V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "not found", V.AMBIGUOUS),
    Answer("an error without words", 400, '{"result":"error"}', V.AMBIGUOUS),
    Answer("an error with a number for a code", 400, error(7), V.AMBIGUOUS),
    Answer("an error with a sentence for a code", 400, error("It failed."), V.AMBIGUOUS),
    Answer("half an error", 400, error("BAD_REQUEST")[:20], V.AMBIGUOUS),
    no(500, "BAD_REQUEST", V.AMBIGUOUS, "Internal server error"),
    no(503, "SERVER_NOT_READY", V.AMBIGUOUS),
    no(500, "RATE_LIMIT_HIT", V.AMBIGUOUS),
    Answer("502", 502, "<html>", V.AMBIGUOUS, {"Retry-After": "5"}),
)

ANSWERS = (
    Answer("sent", 200, yes(id=42), V.SENT, message_id="42"),
    Answer("sent, with more", 200, yes(id=42, ignored_parameters_unsupported=["x"]), V.SENT, message_id="42"),
    Answer("yes without an id", 200, yes(), V.AMBIGUOUS),
    Answer("yes with an id in words", 200, yes(id="42"), V.AMBIGUOUS),
    Answer("yes with a true id", 200, yes(id=True), V.AMBIGUOUS),
    Answer("yes with a fraction", 200, yes(id=42.0), V.AMBIGUOUS),
    Answer("yes with true", 200, '{"result":true,"id":42}', V.AMBIGUOUS),
    Answer("an id and no result", 200, '{"id":42}', V.AMBIGUOUS),
    Answer("yes in a 404", 404, yes(id=42), V.AMBIGUOUS),
    Answer("yes in a 502", 502, yes(id=42), V.AMBIGUOUS),
    Answer("no inside a 200", 200, error("BAD_REQUEST"), V.AMBIGUOUS),
    *SLOW,
    *STRANGER,
    no(400, "STREAM_DOES_NOT_EXIST", V.TARGET_GONE, "Channel with ID '42' does not exist"),
    no(400, "BAD_REQUEST", V.TARGET_GONE, "Not authorized to send to channel 'general'"),
    no(400, "BAD_REQUEST", V.TARGET_GONE, "You do not have permission to post in this channel."),
    no(400, "BAD_REQUEST", V.TARGET_GONE, "Only organization administrators can send to this stream."),
    no(400, "STREAM_WILDCARD_MENTION_NOT_ALLOWED", V.CONTENT_REFUSED),
    no(400, "TOPIC_WILDCARD_MENTION_NOT_ALLOWED", V.CONTENT_REFUSED),
    no(400, "BAD_REQUEST", V.CONTENT_REFUSED, "You do not have permission to use wildcard mentions in this stream."),
    no(400, "BAD_REQUEST", V.CONTENT_REFUSED, "Message must not be empty"),
    no(400, "BAD_REQUEST", V.CONTENT_REFUSED, "Topics are required in this organization"),
    Answer("an error of an old server", 400, '{"result":"error","msg":"Too old"}', V.CONTENT_REFUSED),
    *BROKEN,
    Answer("moved", 301, "", V.CONTENT_REFUSED, {"Location": "https://elsewhere.example/"}),
    no(400, "BAD_REQUEST", V.CONTENT_REFUSED, f"{EMAIL} with {CANARY}"),
)

BENCH = Bench(Zulip(), "42:announcements", {"email": EMAIL, "api_key": CANARY}, ANSWERS, ANSWERS[0])


async def _forms(*posts: Post) -> list[dict[str, list[str]]]:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        for post in posts:
            await Zulip().post(replace(post, base_url=f"{there.base}/"), http)
        await http.close()
    return [parse_qs(heard.body.decode()) for heard in there.heard]


async def test_the_words_are_sent_as_a_form_with_basic_auth() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", "/api/v1/messages")
    assert heard.headers["content-type"] == "application/x-www-form-urlencoded"
    assert heard.headers["authorization"] == f"Basic {b64encode(f'{EMAIL}:{CANARY}'.encode()).decode()}"
    assert parse_qs(heard.body.decode()) == {
        "type": ["stream"],
        "to": ["42"],
        "topic": ["announcements"],
        "content": ["集合：周六 9 点 🎉 <b>&amp;"],
    }


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("@**all** come", "@\u200b**all** come"),
        ("@*staff* and @_**Bob|7**", "@\u200b*staff* and @\u200b_**Bob|7**"),
        ("@@**all**", "@@\u200b**all**"),
        ("info@example.org, @all, 5 * 3", "info@example.org, @all, 5 * 3"),
    ],
)
async def test_no_word_of_the_text_calls_anyone(text: str, sent: str) -> None:
    post = Post("k", text, T0, "42:a", BENCH.secret)
    quiet, loud = await _forms(post, replace(post, mention_all=True))
    assert quiet["content"] == [sent]
    assert loud["content"] == [f"@**all** {sent}"]


async def test_a_topic_may_hold_colons() -> None:
    (form,) = await _forms(Post("k", "hi", T0, "42:re: rain & wind", BENCH.secret))
    assert (form["to"], form["topic"]) == (["42"], ["re: rain & wind"])


async def test_a_text_the_server_would_cut_is_not_sent() -> None:
    post = Post("k", "字" * LONGEST, T0, "42:a", BENCH.secret)
    assert len(await _forms(post, replace(post, text=post.text + "字"))) == 1
    longest = Zulip().size.most
    (form,) = await _forms(replace(post, text="字" * longest, mention_all=True))
    assert len(form["content"][0]) == LONGEST


@pytest.mark.parametrize("missing", ["email", "api_key", "base"])
async def test_an_account_that_lacks_something_says_nothing(missing: str) -> None:
    async with platform(BENCH.good.act) as there:
        secret = {name: value for name, value in BENCH.secret.items() if name != missing}
        base = None if missing == "base" else there.base
        http = HttpClient(Guard(there.hosts))
        channel = Zulip()
        posted = await channel.post(Post("k", "hi", T0, "42:a", secret, base), http)
        undone = await channel.recall(Posted("42", T0, "42:a", secret, base), http)
        asked = await channel.check(Credential(T0, secret, base), http)
        await http.close()
    assert (posted.verdict, undone.verdict, asked.works) == (V.CREDENTIAL_REFUSED, V.CREDENTIAL_REFUSED, False)
    assert there.connections == 0


@pytest.mark.parametrize("address", ["42:announcements", "1:x", "7:通知", "42:re: rain", "42:" + "字" * 60])
def test_a_topic_is_a_channels_number_and_a_name(address: str) -> None:
    assert Zulip().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "general",
        "general:announcements",
        "42",
        "42:",
        "42: x",
        "42:x ",
        "0:x",
        "４２:x",
        "42:" + "字" * 61,
        "42:a\nb",
        "https://chat.example.org/#narrow/channel/42",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = Zulip().address_problem(address)
    assert problem is not None
    assert "42:announcements" in problem
