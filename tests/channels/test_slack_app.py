"""A Slack app: every answer of its fact sheet, what it takes back, and who it is."""

from dataclasses import replace

import pytest

from app.channels.adapters.slack_app import SlackApp
from app.channels.port import Outcome, Post, Posted, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench, as_expected, holds_no_secret
from tests.channels.platform import Platform, answer, platform, reset
from tests.channels.slack_answers import (
    BROKEN,
    CHANNEL,
    CREDENTIAL,
    GONE,
    LATER,
    SLOW,
    TOKEN,
    TS,
    no,
    ok,
    refusals,
)
from tests.conftest import T0

V = Verdict

ANSWERS = (
    Answer("sent", 200, ok(), V.SENT, message_id=TS),
    Answer("yes for another channel", 200, ok(channel="C0000000Z"), V.AMBIGUOUS),
    Answer("yes without a channel", 200, f'{{"ok":true,"ts":"{TS}"}}', V.AMBIGUOUS),
    Answer("yes without a ts", 200, f'{{"ok":true,"channel":"{CHANNEL}"}}', V.AMBIGUOUS),
    Answer("yes with a number as ts", 200, ok(ts=1503435956.000247), V.AMBIGUOUS),
    Answer("yes with a strange ts", 200, ok(ts="now"), V.AMBIGUOUS),
    *GONE,
    *CREDENTIAL,
    *LATER,
    *refusals(
        V.CONTENT_REFUSED,
        "no_text",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "too_many_attachments",
        "invalid_arguments",
        "invalid_charset",
        "invalid_post_type",
    ),
    Answer("refused in a 403", 403, no("invalid_auth"), V.CREDENTIAL_REFUSED),
    *SLOW,
    *BROKEN,
)

BENCH = Bench(SlackApp(), CHANNEL, {"bot_token": TOKEN}, ANSWERS, ANSWERS[0])

DELETED = (
    Answer("deleted", 200, f'{{"ok":true,"channel":"{CHANNEL}","ts":"{TS}"}}', V.SENT),
    Answer("deleted before", 200, no("message_not_found"), V.SENT),
    Answer("deleted before, in a 404", 404, no("message_not_found"), V.AMBIGUOUS),
    *refusals(V.CONTENT_REFUSED, "cant_delete_message", "compliance_exports_prevent_deletion"),
    *GONE,
    *CREDENTIAL,
    *LATER,
    *SLOW,
    *BROKEN,
    Answer("a redirect", 302, "", V.CONTENT_REFUSED, {"Location": "/elsewhere"}),
)
ME = '{"ok":true,"url":"https://practice.slack.com/","team":"Riverside","user":"herald","team_id":"T1","user_id":"U1"}'


async def test_the_words_are_sent_plainly_and_without_a_preview() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", "/api/chat.postMessage")
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.headers["content-type"] == "application/json; charset=utf-8"
    assert heard.json == {
        "channel": CHANNEL,
        "metadata": {"event_type": "muster_post", "event_payload": {"key": "dlv_0001"}},
        "text": "集合：周六 9 点 🎉 &lt;b&gt;&amp;amp;",
        "unfurl_links": False,
        "unfurl_media": False,
    }


async def _post(post: Post, body: str) -> tuple[Outcome, Platform]:
    async with platform(answer(200, {}, body.encode())) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await SlackApp().post(replace(post, base_url=there.base), http)
        await http.close()
    return outcome, there


POST = Post("k", "<!everyone>", T0, CHANNEL, {"bot_token": TOKEN})


async def test_everyone_is_called_only_by_us() -> None:
    _, there = await _post(replace(POST, mention_all=True), ok())
    assert there.heard[0].json["text"] == "<!channel>\n&lt;!everyone&gt;"


async def test_a_person_is_written_to_in_a_conversation_with_an_id_of_its_own() -> None:
    outcome, _ = await _post(replace(POST, address="U024BE7LH"), ok(channel="D024BE91L"))
    assert (outcome.verdict, outcome.message_id) == (V.SENT, f"D024BE91L:{TS}")
    deleted, there = await BENCH.take_back(answer(200, {}, b'{"ok":true}'), str(outcome.message_id))
    assert deleted.verdict is V.SENT
    assert there.heard[0].json == {"channel": "D024BE91L", "ts": TS}


@pytest.mark.parametrize("token", ["", "two words", "line\nend", "密钥"])
async def test_without_a_token_that_can_be_sent_nothing_is_said(token: str) -> None:
    outcome, there = await _post(replace(POST, secret={"bot_token": token}), ok())
    assert outcome.verdict is V.CREDENTIAL_REFUSED
    checked, nobody = await BENCH.ask_after(answer(200, {}, ME.encode()), {"bot_token": token})
    assert checked.works is False
    assert there.connections == nobody.connections == 0


async def test_a_message_is_taken_back_where_it_stands() -> None:
    _, there = await BENCH.take_back(DELETED[0].act, TS)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", "/api/chat.delete")
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.json == {"channel": CHANNEL, "ts": TS}


@pytest.mark.parametrize("row", DELETED, ids=str)
async def test_the_answer_to_a_recall_is_understood(row: Answer) -> None:
    outcome, there = await BENCH.take_back(row.act, TS)
    assert as_expected(outcome, row), outcome
    assert len(there.heard) == 1
    assert holds_no_secret(outcome, BENCH)
    assert "posted" not in outcome.detail


async def test_a_recall_that_nobody_answers_is_unknown() -> None:
    outcome, _ = await BENCH.take_back(reset, TS)
    assert outcome.verdict is V.AMBIGUOUS
    assert outcome.detail.startswith("The message may have been taken back")


@pytest.mark.parametrize("number", ["", "42", f"{CHANNEL}:", "now", f"{TS}/x"])
async def test_an_id_that_is_none_of_slacks_is_not_asked_for(number: str) -> None:
    outcome, there = await BENCH.take_back(DELETED[0].act, number)
    assert outcome.verdict is V.CONTENT_REFUSED
    assert there.connections == 0


async def test_the_app_is_asked_who_it_is() -> None:
    checked, there = await BENCH.ask_after(answer(200, {}, ME.encode()))
    assert checked.works is True
    assert checked.detail == "Slack knows this app as herald in Riverside."
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", "/api/auth.test")


@pytest.mark.parametrize("row", [*CREDENTIAL, *LATER, *SLOW, *BROKEN], ids=str)
async def test_only_slacks_own_word_makes_a_token_bad(row: Answer) -> None:
    checked, _ = await BENCH.ask_after(row.act)
    assert checked.works is (False if row in CREDENTIAL else None)
    assert checked.detail.endswith(("…", "."))
    assert holds_no_secret(checked, BENCH)


async def test_a_question_that_nobody_answers_tells_nothing() -> None:
    checked, _ = await BENCH.ask_after(reset)
    assert (checked.works, checked.code) == (None, "line_lost")
    assert holds_no_secret(checked, BENCH)


async def test_a_recall_and_a_question_hide_their_secrets() -> None:
    posted = Posted(TS, T0, CHANNEL, {"bot_token": TOKEN})
    assert CANARY not in repr(posted)
    checked, _ = await BENCH.ask_after(answer(200, {}, ME.replace("herald", TOKEN).encode()))
    assert checked.works is True
    assert holds_no_secret(checked, BENCH)


@pytest.mark.parametrize("address", ["C024BE91L", "G024BE91L", "D024BE91L", "U024BE7LH", "W024BE7LH"])
def test_a_channel_is_its_id(address: str) -> None:
    assert SlackApp().address_problem(address) is None


@pytest.mark.parametrize(
    "address", ["", "general", "#general", "C", "c024be91l", "T024BE7LD", "https://x.slack.com/C1"]
)
def test_anything_else_is_explained(address: str) -> None:
    problem = SlackApp().address_problem(address)
    assert problem is not None
    assert "C024BE91L" in problem
