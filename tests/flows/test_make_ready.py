"""Make ready: what is asked of a platform before the words leave ends in time, and says nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.channels.adapters.telegram import Telegram
from app.channels.port import NOTHING, Given, Outcome, Post, Verdict
from app.core.clock import ManualClock
from app.core.db import Database
from app.core.http import DEADLINE_S, Http
from app.domain.deliveries.rules import BEGIN_WITHIN, LEASE
from app.flows.kit import Kit
from app.flows.send import Taken
from tests.flows.speaking import Telling, close, picked_of, ready, taken_by

ANSWER = timedelta(seconds=DEADLINE_S)


class Asking(Telegram):
    """A channel that needs something first, and tells when it spoke."""

    def __init__(self, gives: Callable[[], Awaitable[Given | Outcome]]) -> None:
        super().__init__()
        self._gives = gives
        self.said: list[Given] = []

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        return await self._gives()

    async def post(self, post: Post, http: Http) -> Outcome:
        self.said.append(post.given)
        return Outcome(Verdict.SENT, "ok")


async def _taken(kit: Kit) -> Taken:
    [one, *_] = await taken_by(kit)
    return replace(one, target=SimpleNamespace(id="ldr_1", contact="-1001", contact_box=None))


async def _spoken(db: Database, channel: Asking, *, left: timedelta = LEASE, stop: bool = False) -> tuple[str, int]:
    """How one ended that has so much left of its lease, and what its pacer has under way then."""
    kit = replace(await ready(db), channels={"telegram": channel})
    one = await _taken(kit)
    one = replace(one, claimed=one.claimed._replace(lease_until=kit.clock.now() + left))
    if stop:
        await close(kit, "cen_1")
    speaker = Telling(kit)
    [picked] = picked_of([one])
    speaker.say(picked, one)
    [code] = await speaker.codes(1)
    return code, picked.pacer.under_way


async def _hangs() -> Given:
    await asyncio.Event().wait()
    return NOTHING


async def _breaks() -> Given:
    raise ValueError


async def _refuses() -> Outcome:
    return Outcome(Verdict.CONTENT_REFUSED, "not_a_picture")


@pytest.mark.parametrize(
    ("gives", "code"), [(_hangs, "not_ready"), (_breaks, "adapter_broke"), (_refuses, "not_a_picture")]
)
async def test_what_is_not_given_is_the_outcome_and_no_word_leaves(
    db: Database, gives: Callable[[], Awaitable[Given | Outcome]], code: str
) -> None:
    channel = Asking(gives)
    soon = ANSWER + BEGIN_WITHIN + timedelta(milliseconds=50)
    assert await _spoken(db, channel, left=soon) == (code, 0)
    assert channel.said == []


@pytest.mark.parametrize("stop", [False, True])
async def test_what_is_given_goes_with_the_words_unless_a_stop_came(
    db: Database, clock: ManualClock, stop: bool
) -> None:
    async def late() -> Given:
        clock.advance(timedelta(seconds=5))
        return Given(token="t-1")

    channel = Asking(late)
    assert await _spoken(db, channel, stop=stop) == ("held_back" if stop else "ok", 0)
    assert channel.said == ([] if stop else [Given(token="t-1")])


async def test_words_begin_only_while_an_answer_would_come_before_the_lease_is_over(
    db: Database, clock: ManualClock
) -> None:
    async def too_late() -> Given:
        clock.advance(LEASE - ANSWER)
        return NOTHING

    channel = Asking(too_late)
    assert await _spoken(db, channel) == ("too_late", 0)
    assert channel.said == []


async def test_a_look_gives_words_time_to_begin_but_none_that_their_answer_needs(db: Database) -> None:
    one = await _taken(await ready(db))
    at = one.claimed.claimed_at
    assert one.speak_by == one.claimed.speak_by(at) == at + BEGIN_WITHIN
    assert one.claimed.speak_by(at + LEASE) == one.claimed.lease_until - ANSWER
    brief = one.claimed._replace(expires_at=at)
    assert brief.speak_by(at) == at
