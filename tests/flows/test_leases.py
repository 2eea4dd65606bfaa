"""Leases: what a worker leaves, or holds when it dies, is another's as soon as it can be."""

from datetime import timedelta

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.shards import store
from app.domain.shards.rules import LEASE, SHARDS
from app.flows.leases import Leases
from tests.builders.directory import kit_on

SECOND = timedelta(seconds=1)


async def _two(db: Database, clock: ManualClock) -> tuple[Leases, Leases]:
    """Two workers, each of which holds its half and has kept it just now."""
    async with db.write() as tx:
        await store.lay_out(tx)
    kit = kit_on(db)
    one, other = Leases(kit, "wrk_1", list), Leases(kit, "wrk_2", list)
    for each in (one, other, one, other):
        await each.keep()
    now = clock.now().timestamp()
    for each in (one, other):
        assert not await each.tend(now, looking=False)
        assert len(each.held) == SHARDS // 2
    return one, other


async def test_what_is_left_is_taken_at_the_next_look(db: Database, clock: ManualClock) -> None:
    one, other = await _two(db, clock)
    now = clock.now().timestamp()
    assert not await other.tend(now, looking=True)
    await one.leave()
    assert one.held == set()
    assert not await other.tend(now, looking=False), "not before its time without a look"
    assert await other.tend(now, looking=True)
    assert other.held == set(range(SHARDS))


async def test_all_that_a_dead_worker_held_is_taken_when_its_lease_ends(db: Database, clock: ManualClock) -> None:
    _, other = await _two(db, clock)
    for _ in range(int(LEASE / SECOND) - 1):
        clock.advance(SECOND)
        await other.tend(clock.now().timestamp(), looking=True)
        assert len(other.held) == SHARDS // 2
    clock.advance(SECOND)
    assert await other.tend(clock.now().timestamp(), looking=True)
    assert other.held == set(range(SHARDS))
