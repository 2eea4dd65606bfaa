"""Zulip, after the post: every answer to taking a message back, and to asking after the key."""

import asyncio

import pytest

from app.channels.port import Verdict
from tests.channels.harness import CANARY, Answer, as_expected
from tests.channels.platform import Act, answer, then_close
from tests.channels.powers import checked, recalled, tells_no_secret
from tests.channels.test_zulip import BENCH, BROKEN, EMAIL, SLOW, STRANGER, error, no, yes

V = Verdict

RECALLS = (
    Answer("taken back", 200, yes(), V.SENT),
    no(400, "BAD_REQUEST", V.SENT, "Message already deleted"),
    no(400, "BAD_REQUEST", V.CONTENT_REFUSED, "You don't have permission to delete this message"),
    no(400, "BAD_REQUEST", V.CONTENT_REFUSED, "The time limit for deleting this message has passed"),
    Answer("a 200 of another box", 200, "<html>", V.AMBIGUOUS),
    Answer("an empty 200", 200, "", V.AMBIGUOUS),
    Answer("moved", 301, "", V.AMBIGUOUS),
    *SLOW,
    *STRANGER,
    *BROKEN,
    no(400, "BAD_REQUEST", V.CONTENT_REFUSED, f"{EMAIL} with {CANARY}"),
)

CHECKS = [
    (200, yes(user_id=7, full_name="Muster"), True),
    (200, yes(user_id=7, full_name=CANARY), True),
    (200, yes(user_id=7), True),
    (200, yes(), None),
    (200, yes(user_id="7"), None),
    (200, "<html>", None),
    (401, error("INVALID_API_KEY", CANARY), False),
    (401, error("USER_DEACTIVATED"), False),
    (404, error("NONEXISTENT_SUBDOMAIN"), False),
    (401, "<html>", None),
    (400, error("BAD_REQUEST"), None),
    (429, error("RATE_LIMIT_HIT"), None),
    (500, error("UNAUTHORIZED"), None),
    (302, "", None),
]


@pytest.mark.parametrize("row", RECALLS, ids=str)
async def test_taking_back_is_understood(row: Answer) -> None:
    outcome, there = await recalled(BENCH, "42", row.act)
    assert as_expected(outcome, row), outcome
    assert tells_no_secret(outcome, BENCH)
    assert outcome.detail.endswith((".", "…"))
    assert [(heard.method, heard.path) for heard in there.heard] == [("DELETE", "/api/v1/messages/42")]


def _first(one: Act, then: Act) -> Act:
    """One answer to the first request, the other to those after it."""
    acts = [one]

    async def act(writer: asyncio.StreamWriter) -> None:
        await (acts.pop() if acts else then)(writer)

    return act


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, yes(stream={"stream_id": 42}), V.SENT),
        (400, error("BAD_REQUEST", "Invalid channel ID"), V.AMBIGUOUS),
        (500, "", V.AMBIGUOUS),
    ],
)
async def test_a_message_nobody_shows_is_gone_only_where_its_channel_is_seen(
    status: int, body: str, verdict: Verdict
) -> None:
    hidden = answer(400, {}, error("BAD_REQUEST", "Invalid message(s)").encode())
    outcome, there = await recalled(BENCH, "42", _first(hidden, answer(status, {}, body.encode())))
    assert outcome.verdict is verdict
    assert [heard.path for heard in there.heard] == ["/api/v1/messages/42", "/api/v1/streams/42"]


async def test_a_line_lost_while_looking_is_unknown() -> None:
    hidden = answer(400, {}, error("BAD_REQUEST", "Invalid message(s)").encode())
    outcome, _ = await recalled(BENCH, "42", _first(hidden, then_close()))
    assert outcome.verdict is V.AMBIGUOUS
    lost, _ = await recalled(BENCH, "42", then_close())
    assert lost.verdict is V.AMBIGUOUS


async def test_what_is_no_message_of_zulips_is_not_asked_for() -> None:
    outcome, there = await recalled(BENCH, "42/../x", RECALLS[0].act)
    assert outcome.verdict is V.CONTENT_REFUSED
    assert there.connections == 0


@pytest.mark.parametrize(("status", "body", "works"), CHECKS)
async def test_asking_after_the_key_is_understood(status: int, body: str, works: bool | None) -> None:
    found, there = await checked(BENCH, answer(status, {}, body.encode()))
    assert found.works is works, found
    assert tells_no_secret(found, BENCH)
    assert found.detail.endswith((".", "…"))
    assert [(heard.method, heard.path) for heard in there.heard] == [("GET", "/api/v1/users/me")]


async def test_asking_over_a_lost_line_tells_nothing() -> None:
    found, _ = await checked(BENCH, then_close())
    assert found.works is None
