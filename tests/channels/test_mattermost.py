"""Mattermost's incoming webhook: every answer of its fact sheet, the words it is sent, and whom they call."""

import html
import json
import re
from dataclasses import replace

import pytest

from app.channels.adapters.mattermost import Mattermost
from app.channels.adapters.mattermost_server import LONGEST, words
from app.channels.port import Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.limits import Scope
from app.core.logs import redact
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import platform
from tests.conftest import T0

V = Verdict
OK = {"Content-Type": "text/plain"}
LIMITED = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "11"}


def error(name: object, status: int, message: object = "No.") -> str:
    return json.dumps({"id": name, "message": message, "detailed_error": "", "request_id": "r", "status_code": status})


def no(status: int, name: str, verdict: Verdict) -> Answer:
    return Answer(f"{status} {name}", status, error(name, status), verdict)


def _limited(name: str, wait_s: float, **headers: str) -> Answer:
    return Answer(f"429 {name}", 429, "limit exceeded\n", V.THROTTLED, headers, wait_s=wait_s, scope=Scope.ACCOUNT)


ANSWERS = (
    Answer("sent", 200, "ok", V.SENT, OK),
    Answer("sent, with a line end", 200, "ok\n", V.SENT, OK),
    Answer("yes as JSON", 200, '{"status":"OK"}', V.AMBIGUOUS),
    Answer("yes in capitals", 200, "OK", V.AMBIGUOUS),
    Answer("yes and more", 200, "ok then", V.AMBIGUOUS),
    Answer("yes in a 201", 201, "ok", V.AMBIGUOUS),
    Answer("yes in a 404", 404, "ok", V.AMBIGUOUS),
    Answer("yes in a 502", 502, "ok", V.AMBIGUOUS),
    Answer("no inside a 200", 200, error("web.incoming_webhook.invalid.app_error", 400), V.AMBIGUOUS),
    _limited("as the server says it", 1, **LIMITED, **{"Retry-After": "1"}),
    _limited("with a reset alone", 11, **LIMITED),
    _limited("with a reset that is none", 5, **{"X-RateLimit-Reset": "soon"}),
    _limited("from a proxy", 5),
    no(400, "web.incoming_webhook.invalid.app_error", V.TARGET_GONE),
    no(400, "web.incoming_webhook.general.app_error", V.TARGET_GONE),
    no(404, "web.incoming_webhook.general.app_error", V.TARGET_GONE),
    no(400, "web.incoming_webhook.user.app_error", V.TARGET_GONE),
    no(403, "web.incoming_webhook.channel_locked.app_error", V.TARGET_GONE),
    no(403, "web.incoming_webhook.permissions.app_error", V.TARGET_GONE),
    no(404, "web.incoming_webhook.channel.app_error", V.TARGET_GONE),
    no(404, "app.channel.get.existing.app_error", V.TARGET_GONE),
    no(404, "api.context.404.app_error", V.TARGET_GONE),
    no(403, "api.context.permissions.app_error", V.TARGET_GONE),
    no(400, "api.post.create_post.can_not_post_to_deleted.error", V.TARGET_GONE),
    no(403, "api.post.create_post.town_square_read_only", V.TARGET_GONE),
    no(501, "web.incoming_webhook.disabled.app_error", V.TARGET_GONE),
    no(400, "web.incoming_webhook.text.app_error", V.CONTENT_REFUSED),
    no(400, "web.incoming_webhook.text.length.app_error", V.CONTENT_REFUSED),
    no(400, "web.incoming_webhook.parse.app_error", V.CONTENT_REFUSED),
    no(400, "web.incoming_webhook.decode.app_error", V.CONTENT_REFUSED),
    no(413, "api.context.request_body_too_large.app_error", V.CONTENT_REFUSED),
    no(400, "model.post.is_valid.props.app_error", V.CONTENT_REFUSED),
    no(500, "web.incoming_webhook.general.app_error", V.AMBIGUOUS),
    no(500, "app.post.save.app_error", V.AMBIGUOUS),
    Answer("an id that is no text", 400, error(7, 400), V.AMBIGUOUS),
    Answer("an id that is a sentence", 400, error("It failed.", 400), V.AMBIGUOUS),
    Answer("no message", 400, '{"id":"web.incoming_webhook.invalid.app_error"}', V.TARGET_GONE),
    Answer("half an error", 400, '{"id":"web.incom', V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "<html>not found</html>", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("moved", 308, "", V.TARGET_GONE, {"Location": "https://elsewhere.example/"}),
    Answer(
        "the hook's id echoed",
        400,
        error("web.incoming_webhook.general.app_error", 400, f"Failed for incoming webhook {CANARY}."),
        V.TARGET_GONE,
    ),
)

BENCH = Bench(Mattermost(), f"{{base}}/hooks/{CANARY}", {}, ANSWERS, ANSWERS[0])


async def test_the_words_are_sent_as_json() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", f"/hooks/{CANARY}")
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {"text": "集合：周六 9 点 🎉 <b>&amp;"}


def _called(text: str) -> set[str]:
    """Whom the server would call: Slack's spellings are expanded, entities and escapes are read, and of the words
    that are left each one that begins with `@` is a call (as are its parts between `.`, `-` and `:`)."""
    for name in ("channel", "here", "all"):
        text = text.replace(f"<!{name}>", f"@{name}")
    text = re.sub(r"<@([A-Za-z0-9]+)>", r"@\1", text)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(text))
    found = re.findall(r"[:.\-_@\w]+", text)
    parts = {part for word in found for part in (word.lstrip(":.-_"), *re.split(r"[.\-:]", word))}
    return {part for part in parts if re.match(r"@[\w]", part)}


SHOUTS = (
    "@channel",
    "Hi @all, and @here.",
    "_@channel_",
    "**@channel**",
    "x.@bob",
    "x-@bob:@eve",
    "<!channel>",
    "<!here> <!all>",
    "<@abc123>",
    "&#64;channel",
    "&#x40;channel",
    "&commat;channel",
    "\\@channel",
    "[@channel](https://example.org)",
    "<https://example.org|@channel>",
    "@Channel",
    "@CHANNEL",
)


@pytest.mark.parametrize("text", SHOUTS)
def test_no_word_of_the_text_calls_anyone(text: str) -> None:
    assert _called(text)
    assert not _called(words(Post("k", text, T0, "a")))


@pytest.mark.parametrize(
    "text",
    [
        "info@example.org",
        "a @ b",
        "R&D",
        "a < b",
        "9 @",
        "<b>&amp;",
        "https://x.example/a@b",
        "https://x.example/@bob",
        "[b](https://x.example/@bob)",
    ],
)
def test_what_calls_nobody_stays_as_it_is(text: str) -> None:
    assert words(Post("k", text, T0, "a")) == text


@pytest.mark.parametrize("text", ["https://x.example/@all", "xhttps://x.example/@bob", "https://x.example/a)@bob"])
def test_what_the_server_may_not_take_for_a_link_is_read_for_calls(text: str) -> None:
    assert not _called(words(Post("k", text, T0, "a")))


def test_everyone_is_called_only_when_asked_for() -> None:
    post = Post("k", "Meet @here", T0, "a", mention_all=True)
    assert _called(words(post)) == {"@channel"}
    assert words(post).startswith("@channel Meet ")
    assert not _called(words(replace(post, mention_all=False)))


@pytest.mark.parametrize(("count", "verdict"), [(LONGEST, V.SENT), (LONGEST + 1, V.CONTENT_REFUSED)])
async def test_a_text_the_server_would_split_is_not_sent(count: int, verdict: Verdict) -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await Mattermost().post(Post("k", "字" * count, T0, f"{there.base}/hooks/abc"), http)
        await http.close()
    assert outcome.verdict is verdict
    assert len(there.heard) == (verdict is V.SENT)


def test_the_longest_text_leaves_room_for_calling_everyone() -> None:
    size = Mattermost().size
    text = "字" * size.most
    assert size.measure(text) == size.most
    assert len(words(Post("k", text, T0, "a", mention_all=True))) == LONGEST


def test_the_address_never_reaches_a_log() -> None:
    assert CANARY not in redact(f"POST https://chat.example.org/hooks/{CANARY} failed")


@pytest.mark.parametrize(
    "address",
    [
        "https://chat.example.org/hooks/xxx4fgkzktyd9x8nr8ajqtcrbo",
        "https://example.org/mattermost/hooks/xxx4fgkzktyd9x8nr8ajqtcrbo",
        "http://127.0.0.1:9000/hooks/a1",
    ],
)
def test_a_channel_is_its_webhook(address: str) -> None:
    assert Mattermost().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "xxx4fgkzktyd9x8nr8ajqtcrbo",
        "https://chat.example.org/hooks/",
        "https://chat.example.org/hooks/commands/abc",
        "https://chat.example.org/hooks/a/b",
        "https://chat.example.org/hooks/abc?x=1",
        "https://chat.example.org/hooks/abc#x",
        "https://chat.example.org/plugins/abc",
        "ftp://chat.example.org/hooks/abc",
        "https:///hooks/abc",
        "https://[x/hooks/abc",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = Mattermost().address_problem(address)
    assert problem is not None
    assert "/hooks/" in problem
