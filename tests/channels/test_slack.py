"""Slack's incoming webhook: every answer of its fact sheet, and the words it is sent."""

from dataclasses import replace

import pytest

from app.channels.adapters.slack import Slack
from app.channels.port import Recalls, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import platform

V = Verdict
TEXT = {"Content-Type": "text/html"}
URL = "https://hooks.slack.com/services/T024BE7LD/B024BE7LH/abcDEF123"


def _word(status: int, word: str, verdict: Verdict) -> Answer:
    return Answer(f"{status} {word}", status, word, verdict, TEXT)


ANSWERS = (
    Answer("sent", 200, "ok", V.SENT, TEXT),
    Answer("sent, with a line end", 200, "ok\n", V.SENT),
    _word(400, "invalid_payload", V.CONTENT_REFUSED),
    _word(400, "user_not_found", V.CONTENT_REFUSED),
    _word(500, "user_not_found", V.AMBIGUOUS),
    _word(400, "no_text", V.CONTENT_REFUSED),
    _word(400, "too_many_attachments", V.CONTENT_REFUSED),
    _word(400, "invalid_blocks", V.CONTENT_REFUSED),
    _word(403, "action_prohibited", V.TARGET_GONE),
    _word(403, "invalid_token", V.TARGET_GONE),
    _word(400, "posting_to_general_channel_denied", V.TARGET_GONE),
    _word(403, "posting_to_general_channel_denied", V.TARGET_GONE),
    _word(404, "channel_not_found", V.TARGET_GONE),
    _word(404, "no_service", V.TARGET_GONE),
    _word(404, "no_service_id", V.TARGET_GONE),
    _word(404, "no_team", V.TARGET_GONE),
    _word(404, "no_active_hooks", V.TARGET_GONE),
    _word(404, "team_disabled", V.TARGET_GONE),
    _word(410, "channel_is_archived", V.TARGET_GONE),
    _word(200, "no_service", V.TARGET_GONE),
    _word(400, "no_team", V.TARGET_GONE),
    _word(500, "rollup_error", V.AMBIGUOUS),
    _word(400, "a_word_nobody_lists", V.CONTENT_REFUSED),
    _word(403, "a_word_nobody_lists", V.TARGET_GONE),
    _word(404, "a_word_nobody_lists", V.TARGET_GONE),
    _word(410, "a_word_nobody_lists", V.TARGET_GONE),
    _word(200, "a_word_nobody_lists", V.AMBIGUOUS),
    Answer("429 with its wait", 429, "rate_limited", V.THROTTLED, {"Retry-After": "7"}, wait_s=7),
    Answer("429 as JSON", 429, '{"retry_after":3,"ok":false,"error":"rate_limited"}', V.THROTTLED, wait_s=3),
    Answer("429 with both", 429, '{"retry_after":3}', V.THROTTLED, {"Retry-After": "9"}, wait_s=9),
    Answer("429 by a date", 429, "", V.THROTTLED, {"Retry-After": "Mon, 02 Mar 2026 09:02:00 GMT"}, wait_s=120),
    Answer("429 and nothing more", 429, "", V.THROTTLED, wait_s=30),
    Answer("429 nonsense", 429, '{"retry_after":true}', V.THROTTLED, {"Retry-After": "soon"}, wait_s=30),
    Answer("rate_limited in a 200", 200, "rate_limited", V.THROTTLED, {"Retry-After": "4"}, wait_s=4),
    Answer("yes in a 404", 404, "ok", V.AMBIGUOUS),
    Answer("yes in a 202", 202, "ok", V.AMBIGUOUS),
    Answer("yes in a 500", 500, "ok", V.AMBIGUOUS),
    Answer("yes in capitals", 200, "OK", V.AMBIGUOUS),
    Answer("yes as JSON", 200, '{"ok":true}', V.AMBIGUOUS),
    Answer("yes and more", 200, "ok ok", V.AMBIGUOUS),
    Answer("nothing in a 204", 204, "", V.AMBIGUOUS),
    Answer("half a word", 404, "no_", V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "not found", V.AMBIGUOUS),
    Answer("403 from a proxy", 403, "<html>Forbidden</html>", V.AMBIGUOUS),
    Answer("bytes that are no text", 400, b"\xff\xfe_\xff", V.AMBIGUOUS),
    Answer("502", 502, "<html>", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("the address echoed", 404, f"/services/T1/B1/{CANARY}", V.AMBIGUOUS),
    Answer("the address echoed as a word", 403, f"{CANARY.lower()}_no", V.AMBIGUOUS),
)

BENCH = Bench(Slack(), f"{{base}}/services/T024BE7LD/B024BE7LH/{CANARY}", {}, ANSWERS, ANSWERS[0])


async def _said(text: str, *, mention_all: bool = False) -> object:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await Slack().post(replace(BENCH.post(there), text=text, mention_all=mention_all), http)
        await http.close()
    assert outcome.verdict is V.SENT
    return there.heard[0].json["text"]


async def test_the_words_are_sent_plainly_and_without_a_preview() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", f"/services/T024BE7LD/B024BE7LH/{CANARY}")
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {
        "text": "集合：周六 9 点 🎉 &lt;b&gt;&amp;amp;",
        "unfurl_links": False,
        "unfurl_media": False,
    }


@pytest.mark.parametrize("call", ["<!channel>", "<!here|x>", "<!everyone>", "<@U024BE7LH>", "<!subteam^S1>", "&lt;!x>"])
async def test_no_word_of_the_text_calls_anyone(call: str) -> None:
    said = str(await _said(f"hello {call}"))
    assert not set("<>") & set(said)
    assert said.count("&") == sum(call.count(mark) for mark in "&<>")


async def test_everyone_is_called_only_by_us() -> None:
    assert await _said("<!here> & now", mention_all=True) == "<!channel>\n&lt;!here&gt; &amp; now"


def test_a_text_is_measured_as_it_is_sent() -> None:
    assert BENCH.channel.size.measure("字🎉") == 2
    assert BENCH.channel.size.measure("a<b>&") == 2 + 4 + 4 + 5
    assert BENCH.channel.size.most + len("<!channel>\n") == 4000


def test_a_webhook_cannot_take_back() -> None:
    assert not isinstance(Slack(), Recalls)


@pytest.mark.parametrize("address", [URL, "http://127.0.0.1:9000/services/T1/B1/x", "https://h.org/a/services/T1/B1/x"])
def test_a_webhook_is_its_whole_url(address: str) -> None:
    assert Slack().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "C024BE91L",
        "#general",
        "/services/T1/B1/x",
        "https://hooks.slack.com/services/T024BE7LD/B024BE7LH",
        "https://hooks.slack.com/services/T024BE7LD/B024BE7LH/",
        "https://hooks.slack.com/services/T024BE7LD/B024BE7LH/x/y",
        "https://hooks.slack.com/services/t1/b1/x",
        "https://hooks.slack.com/workflows/T1/A1/1/x",
        "https://hooks.slack.com/services/T1/B1/x?a=1",
        "https://hooks.slack.com/services/T1/B1/x#a",
        "ftp://hooks.slack.com/services/T1/B1/x",
        "https://[broken/services/T1/B1/x",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = Slack().address_problem(address)
    assert problem is not None
    assert "https://hooks.slack.com/services/" in problem
