"""Discord's webhook: every answer of its fact sheet, the words it is sent, and what it takes back."""

import json
from dataclasses import replace

import pytest

from app.channels.adapters.discord import Discord
from app.channels.port import Checks, Outcome, Posted, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench, as_expected, holds_no_secret
from tests.channels.platform import Platform, platform, reset
from tests.conftest import T0

V = Verdict
HOOK = "112233445566778899"
MESSAGE = "1234567890123456789"
DRY = "You are being rate limited."
SHARED = "The resource is being rate limited."
BANNED = "You are being blocked from accessing our API temporarily due to exceeding our rate limits frequently."
TOO_LONG = (
    '{"code":50035,"message":"Invalid Form Body",'
    '"errors":{"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"Must be 2000 or fewer in length."}]}}}'
)


def ok(**changes: object) -> str:
    return json.dumps({"id": MESSAGE, "webhook_id": HOOK, "content": "…", **changes})


def no(status: int, code: object, verdict: Verdict, message: str = "words") -> Answer:
    return Answer(f"{status}/{code}", status, json.dumps({"code": code, "message": message}), verdict)


def slow(
    name: str, body: object, wait_s: float, scope: Scope = Scope.CHAT, *, status: int = 429, **headers: str
) -> Answer:
    said = body if isinstance(body, str) else json.dumps(body)
    sent = {part.replace("_", "-"): value for part, value in headers.items()}
    return Answer(f"{status} {name}", status, said, V.THROTTLED, sent, wait_s=wait_s, scope=scope)


def limited(after: object, *, all_of_it: object = False, words: str = DRY, **more: object) -> dict[str, object]:
    return {"message": words, "retry_after": after, "global": all_of_it, **more}


def slow_answers(everything: Scope) -> tuple[Answer, ...]:
    """The 429s of both ways in; `everything` is whom a limit of all requests concerns."""
    bucket = {"X_RateLimit_Limit": "5", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1470173023.123"}
    return (
        slow("user", limited(64.57), 64.57, **bucket, Retry_After="65", X_RateLimit_Scope="user"),
        slow(
            "shared",
            limited(1336.57, words=SHARED),
            1336.57,
            Retry_After="1337",
            X_RateLimit_Reset_After="64.57",
            X_RateLimit_Scope="shared",
        ),
        slow(
            "global",
            limited(64.57, all_of_it=True),
            64.57,
            everything,
            X_RateLimit_Global="true",
            X_RateLimit_Scope="global",
        ),
        slow("global in the body alone", limited(2.5, all_of_it=True), 2.5, everything),
        slow("global in one header alone", limited(2.5), 2.5, everything, X_RateLimit_Global="true"),
        slow("global in the other header alone", limited(2.5), 2.5, everything, X_RateLimit_Scope="global"),
        slow("global as a word", limited(2.5, all_of_it="true"), 2.5),
        slow("hidden, in no header", limited(42.1), 42.1),
        slow("a blink", limited(0.3), 1),
        slow("as a word, with a scope", limited("soon"), 65, Retry_After="65", X_RateLimit_Scope="user"),
        slow("as true, by the bucket's header", limited(True), 64.57, X_RateLimit_Reset_After="64.57", **SCOPED),
        slow("never", limited(1e300), 3600),
        slow("without any number, with a scope", {"message": DRY}, 60, X_RateLimit_Scope="user"),
        slow("a ban, as seen", {"code": 0, "message": BANNED}, 600, Scope.PLATFORM),
        slow("a ban by Cloudflare", "error code: 1015", 3600, Scope.PLATFORM, Retry_After="3600"),
        slow("a ban without a word", "", 600, Scope.PLATFORM),
        slow("a ban in HTML", "<html>1015</html>", 600, Scope.PLATFORM),
        slow("slow mode", limited(5, code=20016), 5, status=400),
        slow("the channel's writes", {"code": 20028, "message": "x"}, 60),
        slow("the server's writes", {"code": 20029, "message": "x"}, 60, status=403),
        slow("the service", {"code": 40062, "message": "x"}, 9, status=400, Retry_After="9"),
    )


SCOPED = {"X_RateLimit_Scope": "user"}

GONE = tuple(
    no(status, code, V.TARGET_GONE)
    for status, code in (
        (404, 10015),
        (404, 10003),
        (404, 10004),
        (404, 10013),
        (403, 40007),
        (403, 50001),
        (403, 50007),
        (400, 50008),
        (403, 50009),
        (403, 50013),
        (400, 50003),
        (400, 50024),
        (400, 40058),
        (400, 50083),
        (400, 160005),
        (400, 220001),
        (400, 220002),
        (400, 220003),
        (404, 0),
        (403, 0),
        (403, 99999),
    )
)
CONTENT = (
    Answer("too long", 400, TOO_LONG, V.CONTENT_REFUSED),
    no(400, 50006, V.CONTENT_REFUSED),
    no(400, 50109, V.CONTENT_REFUSED),
    no(413, 40005, V.CONTENT_REFUSED),
    no(413, 50045, V.CONTENT_REFUSED),
    no(400, 200000, V.CONTENT_REFUSED),
    no(403, 200000, V.CONTENT_REFUSED),
    no(400, 20009, V.CONTENT_REFUSED),
    no(400, 240000, V.CONTENT_REFUSED),
    no(400, 0, V.CONTENT_REFUSED),
    no(405, 0, V.CONTENT_REFUSED),
    Answer("413 without a word", 413, "", V.CONTENT_REFUSED),
)
LATER = (no(403, 40004, V.NOT_SENT), no(403, 40333, V.NOT_SENT, "internal network error"))
BROKEN = (
    Answer("half JSON", 200, '{"id":"12', V.AMBIGUOUS),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("201", 201, ok(), V.AMBIGUOUS),
    Answer("yes in a 404", 404, ok(), V.AMBIGUOUS),
    Answer("yes in a 502", 502, ok(), V.AMBIGUOUS),
    no(400, "50035", V.AMBIGUOUS),
    no(400, True, V.AMBIGUOUS),
    no(400, None, V.AMBIGUOUS),
    no(200, 10015, V.AMBIGUOUS),
    no(500, 0, V.AMBIGUOUS),
    no(503, 40004, V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "not found", V.AMBIGUOUS),
    Answer("401 from a proxy", 401, "<html>", V.AMBIGUOUS),
    Answer("403 from a proxy", 403, "[]", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("502", 502, "<html>", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
)
ECHO = no(400, 0, V.CONTENT_REFUSED, f"no /api/v10/webhooks/{HOOK}/{CANARY} {CANARY}")

ANSWERS = (
    Answer("sent", 200, ok(), V.SENT, message_id=MESSAGE),
    Answer("sent, no webhook named", 200, f'{{"id":"{MESSAGE}"}}', V.SENT, message_id=MESSAGE),
    Answer("taken in", 204, "", V.HANDED_OVER),
    Answer("yes for another webhook", 200, ok(webhook_id="42"), V.AMBIGUOUS),
    Answer("yes with a number as the id", 200, ok(id=1234567890123456789), V.AMBIGUOUS),
    Answer("yes with a true id", 200, ok(id=True), V.AMBIGUOUS),
    Answer("yes with a strange id", 200, ok(id="../7"), V.AMBIGUOUS),
    *GONE,
    no(401, 50027, V.TARGET_GONE, "Invalid Webhook Token"),
    no(401, 0, V.TARGET_GONE, "401: Unauthorized"),
    *CONTENT,
    *LATER,
    no(404, 10008, V.AMBIGUOUS, "Unknown Message"),
    *slow_answers(Scope.PLATFORM),
    *BROKEN,
    ECHO,
)

BENCH = Bench(Discord(), f"{{base}}/api/webhooks/{HOOK}/{CANARY}", {}, ANSWERS, ANSWERS[0])

DELETED = (
    Answer("deleted", 204, "", V.SENT),
    no(404, 10008, V.SENT, "Unknown Message"),
    Answer("deleted, says a 200", 200, "{}", V.AMBIGUOUS),
    *GONE,
    no(401, 50027, V.TARGET_GONE),
    no(400, 0, V.CONTENT_REFUSED),
    *LATER,
    *slow_answers(Scope.PLATFORM),
    *BROKEN,
    ECHO,
    Answer("a redirect", 302, "", V.CONTENT_REFUSED, {"Location": "/elsewhere"}),
)


async def _say(address: str, text: str = "hi", *, mention_all: bool = False) -> tuple[Outcome, Platform]:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        post = replace(BENCH.post(there), address=there.base + address, text=text, mention_all=mention_all)
        outcome = await Discord().post(post, http)
        await http.close()
    return outcome, there


async def test_the_words_are_sent_to_be_answered_for_and_call_nobody() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", f"/api/v10/webhooks/{HOOK}/{CANARY}?wait=true")
    assert heard.headers["user-agent"].startswith("DiscordBot (https://")
    assert heard.json == {"content": "集合：周六 9 点 🎉 <b>&amp;", "allowed_mentions": {"parse": []}, "flags": 4}


async def test_everyone_is_called_only_when_that_is_wanted() -> None:
    address = f"/api/webhooks/{HOOK}/{CANARY}"
    _, there = await _say(address, "@everyone <@42>")
    assert (there.heard[0].json["content"], there.heard[0].json["allowed_mentions"]) == (
        "@everyone <@42>",
        {"parse": []},
    )
    _, there = await _say(address, "<@42>", mention_all=True)
    assert there.heard[0].json["content"] == "@everyone\n<@42>"
    assert there.heard[0].json["allowed_mentions"] == {"parse": ["everyone"]}


def test_the_longest_text_leaves_room_for_the_call() -> None:
    assert BENCH.channel.size.most + len("@everyone\n") == 2000
    assert BENCH.channel.size.measure("字🎉") == 2


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (f"/api/v8/webhooks/{HOOK}/{CANARY}/", f"/api/v10/webhooks/{HOOK}/{CANARY}?wait=true"),
        (f"/api/v10/webhooks/{HOOK}/{CANARY}?wait=false", f"/api/v10/webhooks/{HOOK}/{CANARY}?wait=true"),
        (f"/here/api/webhooks/{HOOK}/{CANARY}", f"/here/api/v10/webhooks/{HOOK}/{CANARY}?wait=true"),
        (f"/api/webhooks/{HOOK}/x?thread_id=77", f"/api/v10/webhooks/{HOOK}/x?wait=true&thread_id=77"),
    ],
)
async def test_the_version_and_the_waiting_are_ours(address: str, path: str) -> None:
    outcome, there = await _say(address)
    assert outcome.verdict is V.SENT
    assert there.heard[0].path == path


async def test_what_is_no_webhook_is_not_asked() -> None:
    outcome, there = await _say("/api/webhooks/x/y")
    assert outcome.verdict is V.TARGET_GONE
    http = HttpClient(Guard(there.hosts))
    posted = Posted(MESSAGE, T0, f"{there.base}/api/webhooks/x/y")
    assert (await Discord().recall(posted, http)).verdict is V.TARGET_GONE
    await http.close()
    assert there.connections == 0


@pytest.mark.parametrize(("thread", "behind"), [("", ""), ("?thread_id=77", "?thread_id=77")])
async def test_a_message_is_taken_back_where_it_stands(thread: str, behind: str) -> None:
    bench = replace(BENCH, address=BENCH.address + thread)
    _, there = await bench.take_back(DELETED[0].act, MESSAGE)
    (heard,) = there.heard
    assert heard.method == "DELETE"
    assert heard.path == f"/api/v10/webhooks/{HOOK}/{CANARY}/messages/{MESSAGE}{behind}"
    assert heard.body == b""
    assert heard.headers["user-agent"].startswith("DiscordBot (")


@pytest.mark.parametrize("row", DELETED, ids=str)
async def test_the_answer_to_a_recall_is_understood(row: Answer) -> None:
    outcome, there = await BENCH.take_back(row.act, MESSAGE)
    assert as_expected(outcome, row), outcome
    assert len(there.heard) == 1
    assert holds_no_secret(outcome, BENCH)
    assert "posted" not in outcome.detail


async def test_a_recall_that_nobody_answers_is_unknown() -> None:
    outcome, _ = await BENCH.take_back(reset, MESSAGE)
    assert outcome.verdict is V.AMBIGUOUS
    assert outcome.detail.startswith("The message may have been taken back")


@pytest.mark.parametrize("number", ["", "0", "@original", "../../x", "1?x=1"])
async def test_an_id_that_is_none_of_discords_is_not_asked_for(number: str) -> None:
    outcome, there = await BENCH.take_back(DELETED[0].act, number)
    assert outcome.verdict is V.CONTENT_REFUSED
    assert there.connections == 0


def test_a_webhook_has_no_account_to_ask_after() -> None:
    assert not isinstance(Discord(), Checks)


@pytest.mark.parametrize(
    "address",
    [
        f"https://discord.com/api/webhooks/{HOOK}/abc-DEF_123",
        f"https://discordapp.com/api/webhooks/{HOOK}/abc",
        f"https://canary.discord.com/api/v10/webhooks/{HOOK}/abc?thread_id=12345678901234567",
        f"http://127.0.0.1:9000/api/webhooks/{HOOK}/abc?wait=true",
    ],
)
def test_a_webhook_is_its_whole_url(address: str) -> None:
    assert Discord().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        HOOK,
        f"https://discord.com/api/webhooks/{HOOK}",
        f"https://discord.com/api/webhooks/{HOOK}/abc/slack",
        f"https://discord.com/api/webhooks/{HOOK}/abc/github",
        f"https://discord.com/webhooks/{HOOK}/abc",
        "https://discord.com/api/webhooks/name/abc",
        f"https://discord.com/api/webhooks/{HOOK}/abc?thread_id=x",
        f"https://discord.com/api/webhooks/{HOOK}/abc?thread_id=1&thread_id=2",
        f"https://discord.com/api/webhooks/{HOOK}/abc?thread_name=x",
        f"https://discord.com/api/webhooks/{HOOK}/abc?x",
        f"https://discord.com/api/webhooks/{HOOK}/abc#x",
        f"ftp://discord.com/api/webhooks/{HOOK}/abc",
        f"https://[broken/api/webhooks/{HOOK}/abc",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = Discord().address_problem(address)
    assert problem is not None
    assert "https://discord.com/api/webhooks/" in problem
