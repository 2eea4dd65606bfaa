"""Deliveries in the database: one winner per claim, gates that hold, results that count only under their fence."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

from app.core.clock import ManualClock
from app.core.db import Database
from app.core.journal import thread
from app.domain.deliveries import store
from app.domain.deliveries.rules import LEASE, Result
from app.domain.deliveries.states import News, State
from tests.builders.deliveries import delivery
from tests.conftest import T0

ONE = "dlv_00000"


async def _state(db: Database, delivery_id: str = ONE) -> State | None:
    async with db.read() as tx:
        return await store.state_of(tx, "cen_1", delivery_id)


async def test_of_many_claims_for_the_same_deliveries_each_has_one_winner(staged: Database) -> None:
    wanted = [f"dlv_{number:05}" for number in range(40)]

    async def claim(start: int) -> list[str]:
        async with staged.write() as tx:
            return [one.id for one in await store.claim(tx, wanted[start:] + wanted[:start])]

    won = [one for winner in await asyncio.gather(*(claim(start) for start in range(0, 40, 5))) for one in winner]
    assert sorted(won) == wanted


async def test_since_when_words_may_stand_is_kept_while_nobody_knows(staged: Database, clock: ManualClock) -> None:
    begun = []
    for news in (News.NOT_SENT, News.SAY_AGAIN, News.SAY_AGAIN, News.NOT_SENT, News.NOT_SENT):
        async with staged.write() as tx:
            [one] = await store.claim(tx, [ONE])
            begun.append(one.said_since)
            await store.finish(tx, [Result(ONE, one.fence, news, due_at=tx.now)])
        clock.advance(timedelta(minutes=1))
    assert begun == [T0, *[T0 + timedelta(minutes=1)] * 4]


async def test_planning_the_same_delivery_again_changes_nothing(staged: Database) -> None:
    async with staged.write() as tx:
        await store.claim(tx, [ONE])
        await store.create(tx, [delivery(0, tx.now)])
    assert await _state(staged) is State.SENDING


async def test_neither_early_nor_late_is_anything_claimed(staged: Database, clock: ManualClock) -> None:
    async with staged.write() as tx:
        await store.create(tx, [delivery(100, tx.now + timedelta(minutes=1))])
        assert await store.claim(tx, ["dlv_00100"]) == []
    clock.advance(timedelta(hours=1))
    async with staged.write() as tx:
        assert await store.claim(tx, [ONE]) == []
        dropped = await store.drop(tx, News.OUTDATED, reason="late", limit=100)
        assert (dropped.count, dropped.ended, dropped.uncertain) == (40, [], [])
    assert await _state(staged) is State.EXPIRED


async def test_a_stale_result_is_evidence_and_changes_nothing(staged: Database, clock: ManualClock) -> None:
    async with staged.write() as tx:
        [first] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, first.fence, News.NOT_SENT, due_at=tx.now)])
        [second] = await store.claim(tx, [ONE])
        assert second.fence == first.fence + 1
        applied = await store.finish(tx, [Result(ONE, first.fence, News.REFUSED, "from the dead")])
        assert applied.states == {}
    assert await _state(staged) is State.SENDING


async def test_what_was_said_without_an_answer_ends_by_a_yes_or_is_uncertain(staged: Database) -> None:
    async with staged.write() as tx:
        ids = [f"dlv_{number:05}" for number in (1, 2, 3)]
        lost = [Result(one.id, one.fence, News.SAY_AGAIN, due_at=tx.now) for one in await store.claim(tx, ids)]
        await store.finish(tx, lost)
        again = {one.id: one for one in await store.claim(tx, ids[:2])}
        applied = await store.finish(
            tx,
            [
                Result(ids[0], again[ids[0]].fence, News.REFUSED, "gone"),
                Result(ids[1], again[ids[1]].fence, News.ACCEPTED),
            ],
        )
        assert applied.states == {ids[0]: State.UNCERTAIN, ids[1]: State.SENT}
        dropped = await store.drop(tx, News.CALLED_OFF, reason="over", limit=100, campaign_id="cmp_1")
        assert await store.state_of(tx, "cen_1", ids[2]) is State.UNCERTAIN
        assert (dropped.count, await store.state_of(tx, "cen_1", "dlv_00004")) == (38, State.CANCELLED)


async def test_a_proof_that_nothing_left_settles_what_was_uncertain(staged: Database) -> None:
    async with staged.write() as tx:
        [one] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, one.fence, News.LINE_LOST, "its lease ran out")])
        applied = await store.finish(tx, [Result(ONE, one.fence, News.NOT_SENT, due_at=tx.now, tried=False)])
        assert (applied.states, applied.found) == ({ONE: State.DUE}, {ONE})
        [again] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, again.fence, News.SAY_AGAIN, due_at=tx.now)])
        [third] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, third.fence, News.LINE_LOST, "its lease ran out")])
        applied = await store.finish(tx, [Result(ONE, third.fence, News.NOT_SENT, due_at=tx.now, tried=False)])
        assert applied.states == {}, "this time nothing left, but the time before it may have arrived"


async def test_the_word_on_a_claim_that_was_undone_is_nothing_to_the_next_one(staged: Database) -> None:
    """Both have the same fence."""
    with contextlib.suppress(KeyError):
        async with staged.write() as tx:
            [undone] = await store.claim(tx, [ONE])
            raise KeyError
    word = Result(ONE, undone.fence, News.NOT_SENT, due_at=T0, tried=False, lease=undone.lease_until)
    async with staged.write() as tx:
        tx.now += timedelta(milliseconds=1)
        [one] = await store.claim(tx, [ONE])
        assert one.fence == undone.fence
        assert (await store.finish(tx, [word])).states == {}
        own = Result(ONE, one.fence, News.NOT_SENT, due_at=tx.now, tried=False, lease=one.lease_until)
        assert (await store.finish(tx, [own])).states == {ONE: State.DUE}
        [again] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, again.fence, News.LINE_LOST, "cut")])
        assert (await store.finish(tx, [replace(word, fence=again.fence)])).states == {}


async def test_doubt_that_comes_late_moves_nothing_that_waits(staged: Database) -> None:
    async with staged.write() as tx:
        [one] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, one.fence, News.NOT_SENT, due_at=tx.now)])
        assert (await store.finish(tx, [Result(ONE, one.fence, News.LINE_LOST, "sender died")])).states == {}
    assert await _state(staged) is State.DUE


async def test_a_late_yes_settles_what_was_uncertain(staged: Database) -> None:
    async with staged.write() as tx:
        [one] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, one.fence, News.LINE_LOST, "cut")])
        await store.finish(tx, [Result(ONE, one.fence, News.ACCEPTED, message_id="42")])
    assert await _state(staged) is State.SENT


async def test_many_results_are_written_at_once_each_with_its_own_words(staged: Database) -> None:
    wanted = [f"dlv_{number:05}" for number in range(30)]
    async with staged.write() as tx:
        claimed = await store.claim(tx, wanted)
        results = [
            Result(one.id, one.fence, News.ACCEPTED, message_id=one.id)
            if number % 2
            else Result(one.id, one.fence, News.REFUSED, f"reason {one.id}")
            for number, one in enumerate(claimed)
        ]
        applied = await store.finish(tx, results)
    assert len(applied.states) == 30
    async with staged.read() as tx:
        for result in results:
            lines = await thread(tx, result.delivery_id)
            assert [line.became for line in lines] == ["sending", applied.states[result.delivery_id].value]
            assert lines[-1].reason == result.reason


async def test_an_abandoned_delivery_is_found_when_its_lease_is_over(staged: Database, clock: ManualClock) -> None:
    async with staged.write() as tx:
        await store.claim(tx, [ONE])
    clock.advance(LEASE - timedelta(seconds=1))
    async with staged.read() as tx:
        assert await store.abandoned(tx, limit=10) == []
    clock.advance(timedelta(seconds=2))
    async with staged.read() as tx:
        assert [one.id for one in await store.abandoned(tx, limit=10)] == [ONE]


async def test_of_two_people_who_settle_one_delivery_the_first_counts(staged: Database) -> None:
    async with staged.write() as tx:
        [one] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, one.fence, News.LINE_LOST, "cut")])

    async def settle(news: News) -> bool:
        async with staged.write() as tx:
            return await store.settle(tx, "cen_1", ONE, news, actor="key:a", reason="looked") is not None

    words = [News.FOUND_SENT, News.FOUND_NOT_SENT] * 5
    assert sum(await asyncio.gather(*(settle(news) for news in words))) == 1
    assert await _state(staged) in {State.SENT, State.DUE}


async def test_another_centers_delivery_cannot_be_settled(staged: Database) -> None:
    async with staged.write() as tx:
        [one] = await store.claim(tx, [ONE])
        await store.finish(tx, [Result(ONE, one.fence, News.LINE_LOST, "cut")])
        assert await store.settle(tx, "cen_2", ONE, News.FOUND_SENT, actor="x", reason="") is None
    assert await _state(staged) is State.UNCERTAIN


async def test_a_cancelled_claim_race_never_ends_both_ways(staged: Database) -> None:
    """Cancel closes the gate and drops what is due, while claims go on: each delivery ends one way."""
    wanted = [f"dlv_{number:05}" for number in range(40)]

    async def cancel() -> None:
        async with staged.write() as tx:
            await store.close_gate(tx, "cmp_1", reason="cancelled")
        async with staged.write() as tx:
            await store.drop(tx, News.CALLED_OFF, reason="cancelled", limit=1000, campaign_id="cmp_1")

    async def claim(one: str) -> list[str]:
        async with staged.write() as tx:
            return [claimed.id for claimed in await store.claim(tx, [one])]

    results = await asyncio.gather(*(claim(one) for one in wanted[:20]), cancel(), *(claim(one) for one in wanted[20:]))
    won = {one for result in results if result for one in result}
    for one in wanted:
        assert await _state(staged, one) is (State.SENDING if one in won else State.CANCELLED)
