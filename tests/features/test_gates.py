"""Gates in the database: a stop until somebody opens it, a wait until its time is over, and neither ends the other."""

from datetime import timedelta

import pytest

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.deliveries import store

ONE = "dlv_00000"


@pytest.mark.parametrize("subject", ["cen_1", "cmp_1", "acc_1", "telegram:0"])
async def test_a_closed_gate_holds_what_stands_behind_it(staged: Database, clock: ManualClock, subject: str) -> None:
    async with staged.write() as tx:
        await store.close_gate(tx, subject, reason="test", until=tx.now + timedelta(seconds=30))
        assert await store.claim(tx, [ONE]) == []
    clock.advance(timedelta(seconds=31))
    async with staged.write() as tx:
        assert [one.id for one in await store.claim(tx, [ONE])] == [ONE]


async def test_a_gate_closed_for_good_stays_closed_until_it_is_opened(staged: Database, clock: ManualClock) -> None:
    async with staged.write() as tx:
        await store.close_gate(tx, "cmp_1", reason="first", until=tx.now)
        await store.close_gate(tx, "cmp_1", reason="paused")
    clock.advance(timedelta(minutes=30))
    async with staged.write() as tx:
        assert await store.claim(tx, [ONE]) == []
        assert await store.lanes_with_work(tx, [0], by=tx.now) == ([], [])
        await store.open_gate(tx, "cmp_1")
        [lane], held = await store.lanes_with_work(tx, [0], by=tx.now)
        assert (lane.campaign_id, held) == ("cmp_1", [])
        assert len(await store.claim(tx, [ONE])) == 1


@pytest.mark.parametrize("first", ["wait", "stop"])
async def test_who_opens_a_stop_ends_no_wait(staged: Database, clock: ManualClock, first: str) -> None:
    async with staged.write() as tx:
        until = {"wait": tx.now + timedelta(seconds=30), "stop": None}
        for reason in ("wait", "stop") if first == "wait" else ("stop", "wait"):
            await store.close_gate(tx, "acc_1", reason=reason, until=until[reason])
        assert [gate.reason for gate in await store.closed_gates(tx, ["acc_1"])] == ["wait", "stop"]
        await store.open_gate(tx, "acc_1")
        assert [gate.reason for gate in await store.closed_gates(tx, ["acc_1"])] == ["wait"]
        assert await store.claim(tx, [ONE]) == []
    clock.advance(timedelta(seconds=31))
    async with staged.write() as tx:
        assert len(await store.claim(tx, [ONE])) == 1


async def test_a_wait_that_is_over_opens_no_stop(staged: Database, clock: ManualClock) -> None:
    async with staged.write() as tx:
        await store.close_gate(tx, "acc_1", reason="off")
        await store.close_gate(tx, "acc_1", reason="wait", until=tx.now + timedelta(seconds=30))
    clock.advance(timedelta(seconds=31))
    async with staged.write() as tx:
        assert [gate.reason for gate in await store.closed_gates(tx, ["acc_1"])] == ["off"]
        assert await store.claim(tx, [ONE]) == []
