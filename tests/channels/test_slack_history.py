"""Whether a message stands, by the key it carries unseen: what Slack's history is asked, and what each answer means."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from app.channels.adapters.slack_app import SlackApp
from app.channels.port import Outcome, ReadsBack, Sought, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.platform import Act, Platform, answer, platform, reset
from tests.channels.slack_answers import CHANNEL, TOKEN, TS, no

KEY = "dlv_0001"
SOUGHT = Sought(
    KEY, datetime.fromtimestamp(1_503_435_956, UTC), datetime.fromtimestamp(1_503_436_000, UTC), CHANNEL, {}
)
MINE = {"type": "message", "ts": TS, "metadata": {"event_type": "muster_post", "event_payload": {"key": KEY}}}
ANOTHER = {"type": "message", "ts": "1503435957.000001", "metadata": {**MINE, "event_payload": {"key": "dlv_0002"}}}
REMOVED = {**MINE, "subtype": "tombstone"}
UNNAMED = {**MINE, "ts": "now"}
FORGED = {"type": "message", "ts": "1503435958.000001", "text": KEY, "metadata": {"event_payload": {"key": KEY}}}


async def _ask(act: Act, address: str = CHANNEL) -> tuple[str | Outcome | None, Platform]:
    channel = SlackApp()
    assert isinstance(channel, ReadsBack)
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        sought = replace(SOUGHT, address=address, secret={"bot_token": TOKEN}, base_url=there.base)
        found = await channel.found(sought, http)
        await http.close()
    return found, there


def _yes(*messages: object, **more: object) -> Act:
    return answer(200, {}, json.dumps({"ok": True, "messages": messages, **more}).encode())


async def test_what_was_written_since_is_asked_for_with_what_it_carries_in_a_form() -> None:
    found, there = await _ask(_yes(ANOTHER, MINE))
    assert found == TS
    (heard,) = there.heard
    assert heard.path == "/api/conversations.history"
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.headers["content-type"] == "application/x-www-form-urlencoded"
    asked = {"channel": CHANNEL, "oldest": "1503435656.000000", "limit": "15", "include_all_metadata": "true"}
    assert dict(parse_qsl(heard.body.decode())) == asked  # from five minutes before it was begun


async def test_a_message_of_a_bot_is_found_whatever_name_it_was_posted_under() -> None:
    found, _ = await _ask(_yes({**MINE, "subtype": "bot_message", "bot_id": "B0HERALD"}))
    assert found == TS


async def test_a_history_is_read_page_by_page_and_not_for_ever() -> None:
    further = {"has_more": True, "response_metadata": {"next_cursor": "dXNlcjpVMDYx"}}
    found, there = await _ask(_yes(ANOTHER, **further))
    assert isinstance(found, Outcome)
    assert (found.verdict, found.code) == (Verdict.CONTENT_REFUSED, "long_history")
    cursors = [dict(parse_qsl(heard.body.decode())).get("cursor") for heard in there.heard]
    assert cursors == [None, *["dXNlcjpVMDYx"] * 9]


@pytest.mark.parametrize("messages", [(), (ANOTHER,), (FORGED,), (REMOVED,), (UNNAMED,), ("MINE", 7, None)], ids=str)
async def test_a_channel_that_lists_no_message_of_ours_proves_nothing(messages: tuple[object, ...]) -> None:
    found, _ = await _ask(_yes(*messages))
    assert found is None


@pytest.mark.parametrize(
    ("act", "verdict", "code"),
    [
        (answer(200, {}, b'{"ok":true}'), Verdict.AMBIGUOUS, "no_messages"),
        (answer(200, {}, no("missing_scope").encode()), Verdict.CONTENT_REFUSED, "missing_scope"),
        (answer(200, {}, no("channel_not_found").encode()), Verdict.TARGET_GONE, "channel_not_found"),
        (answer(429, {"Retry-After": "60"}, no("ratelimited").encode()), Verdict.THROTTLED, "429"),
    ],
    ids=["no list", "without the scope", "no channel", "too often"],
)
async def test_an_answer_that_does_not_tell_is_no_answer(act: Act, verdict: Verdict, code: str) -> None:
    found, _ = await _ask(act)
    assert isinstance(found, Outcome)
    assert (found.verdict, found.code) == (verdict, code)
    assert TOKEN not in found.detail


async def test_nobody_answers() -> None:
    found, _ = await _ask(reset)
    assert isinstance(found, Outcome)
    assert found.verdict in {Verdict.AMBIGUOUS, Verdict.NOT_SENT}


async def test_what_was_said_to_a_person_is_not_asked_for() -> None:
    found, there = await _ask(_yes(MINE), address="U024BE7LH")
    assert isinstance(found, Outcome)
    assert there.connections == 0
