"""The last look: words that did not leave at once after their claim leave only where no gate has closed since."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from app.core.clock import ManualClock
from app.core.db import Database, Tx
from app.domain.deliveries import store
from app.domain.deliveries.rules import BEGIN_WITHIN, SURE_FOR, Result
from app.domain.deliveries.states import Kind, News
from app.domain.pacing.rules import Pacer, Waiting
from app.domain.shards import store as shards
from app.domain.shards.rules import SHARDS, shard_of
from app.flows import control, last_look, speak
from app.flows.kit import Kit
from app.flows.last_look import LastLook
from app.flows.picked import Picked
from app.flows.send import Taken, say, take
from app.flows.speak import Speaker
from tests.builders.deliveries import delivery, stage
from tests.builders.directory import kit_on

MANY = 20
WORKER = "wrk_1"
HELD, SAID = "held_back", "channel_unknown"
"""What becomes of words where no channel is known: their outcome tells whether they were to be said."""


class Telling(Speaker):
    """One that can be waited for."""

    def __init__(self, kit: Kit) -> None:
        self.told = asyncio.Event()
        super().__init__(kit, self.told.set)

    async def codes(self, count: int = MANY) -> list[str]:
        """How each ended, by its number, as soon as so many have."""
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                await self.told.wait()
                self.told.clear()
        return [one.outcome.code for one in sorted(self.heard, key=lambda one: one.claimed.id)]


@pytest.fixture
async def kit(db: Database) -> Kit:
    async with db.write() as tx:
        await stage(tx)
        await store.create(tx, [delivery(number, tx.now) for number in range(MANY)])
        await shards.lay_out(tx)
        await shards.take(tx, WORKER, most=SHARDS)
    return replace(kit_on(db), channels={})


@pytest.fixture
async def speaker(kit: Kit) -> AsyncIterator[Telling]:
    speaker = Telling(kit)
    yield speaker
    assert speaker.speaking == 0


async def _taken(kit: Kit) -> list[Taken]:
    wanted = [f"dlv_{number:05}" for number in range(MANY)]
    async with kit.db.write() as tx:
        zones = {"cen_1": None}
        return await take(kit, tx, WORKER, shard_ids=[shard_of("acc_1")], delivery_ids=wanted, zones=zones)


def _picked(taken: list[Taken], slot: float = 0.0) -> list[Picked]:
    """Each as its pacer let it."""
    pacer = Pacer([])
    pacer.offer(Waiting(one.claimed.id, "cmp_1", one.claimed.chat, 1, 0.0, 0.0) for one in taken)
    allowed = [pacer.next(0.0) for _ in taken]
    return [Picked("acc_1", pacer, one, slot) for one in allowed if isinstance(one, Waiting)]


async def _close(kit: Kit, subject: str) -> None:
    async with kit.db.write() as tx:
        await store.close_gate(tx, subject, reason="test")


async def _saying(speaker: Telling, taken: list[Taken], slot: float = 0.0) -> Pacer:
    picked = _picked(taken, slot)
    assert len(picked) == len(taken)
    for one, what in zip(picked, taken, strict=True):
        speaker.say(one, what)
    return picked[0].pacer


@pytest.mark.parametrize("subject", ["cen_1", "cmp_1", "acc_1"])
async def test_words_that_leave_late_are_stopped_by_a_gate_that_closed_since(
    kit: Kit, clock: ManualClock, speaker: Telling, subject: str
) -> None:
    taken = await _taken(kit)
    await _close(kit, subject)
    clock.advance(SURE_FOR)
    pacer = await _saying(speaker, taken)
    assert await speaker.codes() == [HELD] * MANY
    assert pacer.under_way == 0


async def test_a_closed_campaign_holds_its_own_words_alone(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    taken = await _taken(kit)
    taken[7] = replace(taken[7], claimed=taken[7].claimed._replace(campaign_id="cmp_7"))
    await _close(kit, "cmp_7")
    clock.advance(SURE_FOR)
    await _saying(speaker, taken)
    assert await speaker.codes() == [HELD if number == 7 else SAID for number in range(MANY)]


async def test_words_that_leave_at_once_are_sure_by_their_claim(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    """A stop waits for them; a look for each batch would cost a tenth of the drain."""
    taken = await _taken(kit)
    await _close(kit, "cen_1")
    clock.advance(SURE_FOR - speak.LOOK_AHEAD - timedelta(milliseconds=1))
    await _saying(speaker, taken)
    assert await speaker.codes() == [SAID] * MANY


async def test_of_many_that_begin_one_after_another_those_are_held_that_a_stop_found(
    kit: Kit, clock: ManualClock, speaker: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine where it takes long to begin so many."""
    monkeypatch.setattr(speak, "BREATH_S", 0.5)
    taken = await _taken(kit)
    await _saying(speaker, taken)
    await speaker.codes(speak.AT_ONCE)
    await _close(kit, "cen_1")
    clock.advance(SURE_FOR)
    assert await speaker.codes() == [SAID] * speak.AT_ONCE + [HELD] * (MANY - speak.AT_ONCE)


async def test_no_words_leave_unasked_because_others_behind_them_are_sure(
    kit: Kit, clock: ManualClock, speaker: Telling
) -> None:
    taken = await _taken(kit)
    for number, one in enumerate(taken[:-1]):
        earlier = one.claimed.lease_until - SURE_FOR
        taken[number] = replace(one, claimed=one.claimed._replace(lease_until=earlier))
    await _close(kit, "cen_1")
    await _saying(speaker, taken)
    assert (await speaker.codes())[:-1] == [HELD] * (MANY - 1)


async def test_words_that_wait_for_their_slot_are_held_when_it_comes(
    kit: Kit, clock: ManualClock, speaker: Telling
) -> None:
    taken = await _taken(kit)
    await _saying(speaker, taken, clock.now().timestamp() + 0.5)
    await asyncio.sleep(0.05)
    await _close(kit, "cmp_1")
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
    taken = await _taken(kit)
    clock.advance(SURE_FOR)

    def gone(**_how: bool) -> None:
        raise trouble

    monkeypatch.setattr(kit.db, "read", gone)
    with structlog.testing.capture_logs() as said:
        await _saying(speaker, taken)
        assert await speaker.codes() == [HELD] * MANY
    assert {(one["event"], one["log_level"]) for one in said} == {("gates_not_asked", TOLD_AS[trouble])}


async def test_whoever_asks_while_others_ask_is_answered_by_a_look_that_began_after(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And all of them by one."""
    claimed = [one.claimed for one in await _taken(kit)]
    looks: list[list[Any]] = []
    began, may_end = asyncio.Event(), asyncio.Event()

    async def closed_gates(tx: Tx, subjects: Sequence[str]) -> list[Any]:
        found = await _closed_gates(tx, subjects)
        looks.append(found)
        began.set()
        await may_end.wait()
        return found

    _closed_gates = store.closed_gates
    monkeypatch.setattr(store, "closed_gates", closed_gates)
    look = LastLook(kit)
    first = asyncio.create_task(look.look(claimed[:1]))
    await asyncio.wait_for(began.wait(), 10)
    await _close(kit, "cen_1")
    rest = [asyncio.create_task(look.look([one])) for one in claimed[1:]]
    await asyncio.sleep(0)
    assert not first.done()
    may_end.set()
    assert (await first).held == set()
    assert all(one.id in looked.held for one, looked in zip(claimed[1:], await asyncio.gather(*rest), strict=True))
    assert len(looks) == 2


async def test_one_who_asks_no_more_leaves_the_others_their_answer(kit: Kit) -> None:
    [one, two, *_] = (taken.claimed for taken in await _taken(kit))
    look = LastLook(kit)
    impatient, patient = asyncio.create_task(look.look([one])), asyncio.create_task(look.look([two]))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).held == set()
    assert (await look.look([one])).held == set()


async def test_a_look_that_hangs_holds_back_what_asked_and_nobody_after_it(
    kit: Kit, clock: ManualClock, speaker: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_what: Any) -> list[Any]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(last_look, "BEGIN_WITHIN", timedelta(milliseconds=50))
    monkeypatch.setattr(store, "closed_gates", hang)
    taken = await _taken(kit)
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
    taken = await _taken(kit)
    clock.advance(SURE_FOR)
    await _saying(speaker, taken)
    assert await speaker.codes() == [SAID] * MANY


async def test_words_whose_task_began_late_ask_once_more(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    """The event loop may have stood still since they were let go."""
    taken = await _taken(kit)
    await _close(kit, "cen_1")
    await _saying(speaker, taken)
    await asyncio.sleep(0)  # it lets the first ones go
    clock.advance(SURE_FOR)
    assert await speaker.codes() == [HELD] * MANY


async def test_a_wait_that_began_since_is_no_stop(kit: Kit, clock: ManualClock, speaker: Telling) -> None:
    """What used a quota up closes its account's gate for a while, and leaves itself."""
    taken = await _taken(kit)
    async with kit.db.write() as tx:
        await store.close_gate(tx, "acc_1", reason="its quota is used up", until=tx.now + timedelta(minutes=1))
    clock.advance(SURE_FOR)
    await _saying(speaker, taken)
    assert await speaker.codes() == [SAID] * MANY


@pytest.mark.parametrize("kind", Kind)
async def test_what_holds_a_delivery_is_the_same_at_its_claim_and_after_it(kit: Kit, kind: Kind) -> None:
    async with kit.db.write() as tx:
        await store.create(tx, [delivery(99, tx.now, kind=kind)])
        for subject in ("cen_1", "cmp_1", "acc_1", "cen_2"):
            await store.close_gate(tx, subject, reason="test")
            went = await store.claim(tx, ["dlv_00099"])
            await store.open_gate(tx, subject)
            [one] = went or await store.claim(tx, ["dlv_00099"])
            assert (subject in one.stopped_by) is (not went)
            await store.finish(tx, [Result(one.id, one.fence, News.NOT_SENT, due_at=tx.now, tried=False)])


async def test_words_whose_worker_slept_past_their_time_are_not_said(kit: Kit, clock: ManualClock) -> None:
    """The law behind the last look: it may have slept between the two."""
    [one, *_] = await _taken(kit)
    clock.advance(BEGIN_WITHIN)
    assert (await say(kit, one)).outcome.code == "too_late"


async def test_a_stop_waits_until_words_that_needed_no_look_have_left(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for nobody where nothing is under way."""
    monkeypatch.setattr(control, "WAY_OUT", timedelta(minutes=1))
    await asyncio.wait_for(control.outlast_claims(kit, "cmp_1"), 10)
    await _taken(kit)
    await asyncio.wait_for(control.outlast_claims(kit, "cmp_2"), 10)
    monkeypatch.undo()
    began = time.monotonic()
    await control.outlast_claims(kit, "cmp_1")
    assert time.monotonic() - began >= (SURE_FOR + control.WAY_OUT).total_seconds() - 0.001
