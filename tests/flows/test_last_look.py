"""The last look: words that did not leave at once after their claim leave only where no gate has closed since."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from app.core.clock import ManualClock
from app.core.db import Database, Tx
from app.domain.deliveries import store
from app.domain.deliveries.rules import BEGIN_WITHIN, SURE_FOR
from app.domain.pacing.rules import Pacer
from app.flows import last_look, speak
from app.flows.kit import Kit
from app.flows.send import Taken, say
from tests.flows.speaking import MANY, Telling, close, picked_of, ready, taken_by

HELD, SAID = "held_back", "channel_unknown"
"""What becomes of words where no channel is known: their outcome tells whether they were to be said."""


@pytest.fixture
async def kit(db: Database) -> Kit:
    return await ready(db)


@pytest.fixture
async def speaker(kit: Kit) -> AsyncIterator[Telling]:
    speaker = Telling(kit)
    yield speaker
    assert speaker.speaking == 0


async def _saying(speaker: Telling, taken: list[Taken], slot: float = 0.0) -> Pacer:
    picked = picked_of(taken, slot)
    assert len(picked) == len(taken)
    for one, what in zip(picked, taken, strict=True):
        speaker.say(one, what)
    return picked[0].pacer


@pytest.mark.parametrize("subject", ["cen_1", "cmp_1", "acc_1"])
async def test_words_that_leave_late_are_stopped_by_a_gate_that_closed_since(
    kit: Kit, clock: ManualClock, speaker: Telling, subject: str
) -> None:
    taken = await taken_by(kit)
    await close(kit, subject)
    clock.advance(SURE_FOR)
    pacer = await _saying(speaker, taken)
    assert await speaker.codes() == [HELD] * MANY
    assert pacer.under_way == 0


async def test_a_closed_campaign_holds_its_own_words_alone(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    taken = await taken_by(kit)
    taken[7] = replace(taken[7], claimed=taken[7].claimed._replace(campaign_id="cmp_7"))
    await close(kit, "cmp_7")
    clock.advance(SURE_FOR)
    await _saying(speaker, taken)
    assert await speaker.codes() == [HELD if number == 7 else SAID for number in range(MANY)]


async def test_words_that_leave_at_once_are_sure_by_their_claim(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    """And a stop waits for them."""
    taken = await taken_by(kit)
    await close(kit, "cen_1")
    clock.advance(SURE_FOR - speak.LOOK_AHEAD - timedelta(milliseconds=1))
    await _saying(speaker, taken)
    assert await speaker.codes() == [SAID] * MANY


async def test_of_many_that_begin_one_after_another_those_are_held_that_a_stop_found(
    kit: Kit, clock: ManualClock, speaker: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine where it takes long to begin so many."""
    monkeypatch.setattr(speak, "BREATH_S", 0.5)
    taken = await taken_by(kit)
    await _saying(speaker, taken)
    await speaker.codes(speak.AT_ONCE)
    await close(kit, "cen_1")
    clock.advance(SURE_FOR)
    assert await speaker.codes() == [SAID] * speak.AT_ONCE + [HELD] * (MANY - speak.AT_ONCE)


async def test_no_words_leave_unasked_because_others_behind_them_are_sure(
    kit: Kit, clock: ManualClock, speaker: Telling
) -> None:
    taken = await taken_by(kit)
    for number, one in enumerate(taken[:-1]):
        earlier = one.claimed.lease_until - SURE_FOR
        taken[number] = replace(one, claimed=one.claimed._replace(lease_until=earlier))
    await close(kit, "cen_1")
    await _saying(speaker, taken)
    assert (await speaker.codes())[:-1] == [HELD] * (MANY - 1)


async def test_words_that_wait_for_their_slot_are_held_when_it_comes(
    kit: Kit, clock: ManualClock, speaker: Telling
) -> None:
    taken = await taken_by(kit)
    await _saying(speaker, taken, clock.now().timestamp() + 0.5)
    await asyncio.sleep(0.05)
    await close(kit, "cmp_1")
    clock.advance(SURE_FOR)
    assert await speaker.codes() == [HELD] * MANY


TOLD_AS: dict[type[Exception], str] = {ConnectionError: "warning", TimeoutError: "warning", ValueError: "error"}


@pytest.mark.parametrize("trouble", TOLD_AS)
async def test_where_the_gates_cannot_be_asked_nothing_leaves(
    kit: Kit,
    clock: ManualClock,
    speaker: Telling,
    monkeypatch: pytest.MonkeyPatch,
    trouble: type[Exception],
) -> None:
    """A database that is away is nothing unforeseen; a broken statement is."""
    taken = await taken_by(kit)
    clock.advance(SURE_FOR)

    def gone(**_how: bool) -> None:
        raise trouble

    monkeypatch.setattr(kit.db, "read", gone)
    with structlog.testing.capture_logs() as said:
        await _saying(speaker, taken)
        assert await speaker.codes() == [HELD] * MANY
    assert {(one["event"], one["log_level"]) for one in said} == {("gates_not_asked", TOLD_AS[trouble])}


async def test_a_look_that_hangs_holds_back_what_asked_and_nobody_after_it(
    kit: Kit, clock: ManualClock, speaker: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_what: Any) -> list[Any]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(last_look, "BEGIN_WITHIN", timedelta(milliseconds=50))
    monkeypatch.setattr(store, "closed_gates", hang)
    taken = await taken_by(kit)
    clock.advance(SURE_FOR)
    await _saying(speaker, taken)
    assert await speaker.codes() == [HELD] * MANY
    monkeypatch.undo()
    speaker.heard.clear()
    await _saying(speaker, taken)
    assert await speaker.codes() == [SAID] * MANY


async def test_words_leave_where_every_look_takes_longer_than_it_is_good_for(
    kit: Kit, clock: ManualClock, speaker: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(tx: Tx, subjects: Sequence[str]) -> list[Any]:
        found = await _closed_gates(tx, subjects)
        clock.advance(2 * SURE_FOR)
        return found

    _closed_gates = store.closed_gates
    monkeypatch.setattr(store, "closed_gates", slow)
    taken = await taken_by(kit)
    clock.advance(SURE_FOR)
    await _saying(speaker, taken)
    assert await speaker.codes() == [SAID] * MANY


async def test_words_whose_task_began_late_ask_once_more(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    """The event loop may have stood still since they were let go."""
    taken = await taken_by(kit)
    await close(kit, "cen_1")
    await _saying(speaker, taken)
    await asyncio.sleep(0)  # it lets the first ones go
    clock.advance(SURE_FOR)
    assert await speaker.codes() == [HELD] * MANY


async def test_a_wait_that_began_since_is_no_stop(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    """What used a quota up closes its account's gate for a while, and leaves itself."""
    taken = await taken_by(kit)
    async with kit.db.write() as tx:
        await store.close_gate(tx, "acc_1", reason="its quota is used up", until=tx.now + timedelta(minutes=1))
    clock.advance(SURE_FOR)
    await _saying(speaker, taken)
    assert await speaker.codes() == [SAID] * MANY


async def test_words_whose_worker_slept_past_their_time_are_not_said(kit: Kit, clock: ManualClock) -> None:
    """The law behind the last look: it may have slept between the two."""
    [one, *_] = await taken_by(kit)
    clock.advance(BEGIN_WITHIN)
    assert (await say(kit, one)).outcome.code == "too_late"
