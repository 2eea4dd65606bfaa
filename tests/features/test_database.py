"""The database keeps its word: one winner per race, moments in UTC, hints only after the commit."""

import asyncio
import os
import random
import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import text, update
from sqlmodel import col, select

from app.core.db import Database
from app.core.jobs import WAKE, RecordingQueue
from app.domain.access.tables import Center
from app.flows.plan import BREATH_S
from tests.builders.syncs import counted_syncs
from tests.conftest import T0
from tests.servers import postgres_server

SYNCED = 20


async def _center(db: Database, name: str = "main") -> None:
    async with db.write() as tx:
        await tx.add(Center(id="cen_1", name=name, created_at=tx.now))


async def test_moments_come_back_aware_and_in_utc(db: Database) -> None:
    await _center(db)
    async with db.read() as tx:
        center = await tx.first(select(Center))
    assert center is not None
    assert center.created_at == T0
    assert center.created_at.tzinfo is UTC


async def test_a_naive_moment_is_refused(db: Database) -> None:
    with pytest.raises(Exception, match="must know its zone"):
        async with db.write() as tx:
            await tx.add(Center(id="cen_1", name="x", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


async def test_of_many_racing_moves_exactly_one_wins(db: Database) -> None:
    await _center(db, "0")

    async def move() -> int:
        async with db.write() as tx:
            won = await tx.run(update(Center).where(col(Center.name) == "0").values(name="1"))
            return won.rowcount

    assert sum(await asyncio.gather(*(move() for _ in range(20)))) == 1


async def test_no_update_is_lost_between_reading_and_writing(db: Database) -> None:
    await _center(db, "0")

    async def add_one() -> None:
        async with db.write() as tx:
            center = await tx.first(select(Center).with_for_update())
            assert center is not None
            await tx.run(update(Center).values(name=str(int(center.name) + 1)))

    await asyncio.gather(*(add_one() for _ in range(25)))
    async with db.read() as tx:
        center = await tx.first(select(Center))
    assert center is not None
    assert center.name == "25"


async def test_a_writer_gets_its_turn_beside_one_who_writes_on_and_on(db: Database, database_url: str) -> None:
    """As a plan does, batch after batch: a stop beside it waits for one of them, not for all."""
    other, over, chance = Database(database_url, clock=db.clock), asyncio.Event(), random.Random(7)

    async def write_on() -> None:
        while not over.is_set():
            async with other.write() as tx:
                await tx.run(text("DELETE FROM center"))
                await asyncio.sleep(chance.uniform(0.05, 0.2))
            await asyncio.sleep(BREATH_S)

    busy, waits = asyncio.create_task(write_on()), []
    for _ in range(8):
        await asyncio.sleep(0.03)
        began = time.monotonic()
        async with db.write() as tx:
            await tx.run(text("DELETE FROM center"))
        waits.append(time.monotonic() - began)
    over.set()
    await busy
    await other.close()
    assert sum(waits) < 4


async def test_hints_leave_after_the_commit_and_never_without_one(db: Database, queue: RecordingQueue) -> None:
    async def fail() -> None:
        async with db.write() as tx:
            tx.then(WAKE, "lost")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert queue.jobs == []
    async with db.write() as tx:
        tx.then(WAKE, "kept")
        assert queue.jobs == []
    assert queue.jobs == [(WAKE, ("kept",))]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_brief_transaction_speaks_on_the_spot_and_no_other_does(db: Database) -> None:
    found: dict[bool, list[int]] = {True: [], False: []}
    for brief, seen in found.items():
        async with db.write(brief=brief) as tx:
            line = (await tx._connection.get_raw_connection()).driver_connection
            line._conn.create_function("whose", 0, lambda seen=seen: seen.append(threading.get_ident()) or 1)
            await tx.run(text("SELECT whose()"))
    assert found[True] == [threading.get_ident()]
    assert found[False]
    assert found[False] != found[True]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_commit_is_on_the_disk(db: Database) -> None:
    """SQLite's own names: 2 is FULL, which waits for the disk at each commit of a write-ahead log."""
    async with db.write() as tx:
        assert (await tx.run(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await tx.run(text("PRAGMA synchronous"))).scalar_one() == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_syncs_its_log_at_each_commit(database_url: str) -> None:
    with counted_syncs() as syncs:
        db = Database(database_url)
        await _center(db)
        before = syncs.total()
        for number in range(SYNCED):
            async with db.write() as tx:
                await tx.run(text(f"UPDATE center SET name = '{number}'"))
        after = syncs.total()
        await db.close()
    assert after - before >= SYNCED
    assert any(name.endswith("-wal") for name in syncs)


async def test_postgresql_syncs_its_log_at_each_commit() -> None:
    """By the server's own count, with a real one's settings."""
    with postgres_server(durable=True) as base:
        db = Database(f"{base}postgres")
        async with db.write() as tx:
            saves_the_disk = (await tx.run(text("SHOW fsync"))).scalar_one() == "off"
            await tx.run(text("CREATE TABLE synced (number int)"))
        before = await _syncs(db)
        for number in range(SYNCED):
            async with db.write() as tx:
                await tx.run(text(f"INSERT INTO synced VALUES ({number})"))
                await tx.run(text("SELECT pg_stat_force_next_flush()"))
        assert not saves_the_disk or "TEST_DATABASE_URL" in os.environ, "only a given server may"
        assert await _syncs(db) - before >= (0 if saves_the_disk else SYNCED)
        async with db.write() as tx:
            await tx.run(text("DROP TABLE synced"))
        await db.close()


async def _syncs(db: Database) -> int:
    """How often the write-ahead log was synced; from PostgreSQL 18 on that is counted elsewhere."""
    async with db.read() as tx:
        newer = int((await tx.run(text("SHOW server_version_num"))).scalar_one()) >= 180_000
        by_place = "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'"
        return int((await tx.run(text(by_place if newer else "SELECT wal_sync FROM pg_stat_wal"))).scalar_one())
