"""Shards: one holder each, taken over when the holder is silent, shared fairly."""

import asyncio
from datetime import timedelta

import pytest

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.shards import store
from app.domain.shards.rules import LEASE, SHARDS, fair_share, shard_of


@pytest.fixture
async def laid(db: Database) -> Database:
    async with db.write() as tx:
        await store.lay_out(tx)
        await store.lay_out(tx)
    return db


async def test_every_shard_has_one_holder_however_many_reach_for_it(laid: Database) -> None:
    async def take(worker: str) -> list[int]:
        async with laid.write() as tx:
            return await store.take(tx, worker, most=5)

    taken = await asyncio.gather(*(take(f"wrk_{number}") for number in range(6)))
    held = [shard for shards in taken for shard in shards]
    assert sorted(held) == sorted(set(held))
    assert len(held) <= SHARDS


async def test_a_silent_holder_is_replaced_and_cannot_renew(laid: Database, clock: ManualClock) -> None:
    async with laid.write() as tx:
        mine = await store.take(tx, "wrk_1", most=SHARDS)
        assert await store.renew(tx, "wrk_1", mine) != []
        assert await store.take(tx, "wrk_2", most=SHARDS) == []
    clock.advance(LEASE + timedelta(seconds=1))
    async with laid.write() as tx:
        assert sorted(await store.take(tx, "wrk_2", most=SHARDS)) == sorted(mine)
        assert await store.renew(tx, "wrk_1", mine) == []


async def test_what_is_given_back_is_free_at_once(laid: Database) -> None:
    async with laid.write() as tx:
        await store.take(tx, "wrk_1", most=SHARDS)
        await store.leave(tx, "wrk_1")
        assert len(await store.take(tx, "wrk_2", most=SHARDS)) == SHARDS


async def test_one_worker_sits_in_the_keepers_chair(laid: Database, clock: ManualClock) -> None:
    async with laid.write() as tx:
        assert await store.sit(tx, "wrk_1")
        assert await store.sit(tx, "wrk_1")
        assert not await store.sit(tx, "wrk_2")
    clock.advance(LEASE + timedelta(seconds=1))
    async with laid.write() as tx:
        assert await store.sit(tx, "wrk_2")


async def test_the_living_are_counted_and_the_silent_are_not(laid: Database, clock: ManualClock) -> None:
    async with laid.write() as tx:
        await store.report_in(tx, "wrk_1")
        assert await store.report_in(tx, "wrk_2") == 2
    clock.advance(LEASE)
    async with laid.write() as tx:
        assert await store.report_in(tx, "wrk_2") == 1


def test_shares_cover_every_shard() -> None:
    for workers in range(1, 40):
        assert fair_share(workers) * workers >= SHARDS
    assert {shard_of(f"acc_{number}") for number in range(500)} == set(range(SHARDS))
