"""Discord's webhook: every answer of its fact sheet, the words it is sent, and what it takes back."""

from dataclasses import replace

import pytest

from app.channels.adapters.discord import Discord
from app.channels.port import Checks, Outcome, Posted, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.discord_answers import BROKEN, CONTENT, GONE, LATER, MESSAGE, no, ok, slow_answers
from tests.channels.harness import CANARY, Answer, Bench, as_expected, holds_no_secret
from tests.channels.platform import Platform, platform, reset
from tests.conftest import T0

V = Verdict
HOOK = "112233445566778899"
ECHO = no(400, 0, V.CONTENT_REFUSED, f"no /api/v10/webhooks/{HOOK}/{CANARY} {CANARY}")

ANSWERS = (
    Answer("sent", 200, ok(webhook_id=HOOK), V.SENT, message_id=MESSAGE),
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
