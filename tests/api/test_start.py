"""The API's first start: a database that goes away in its middle ends nothing, and swallows no key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlmodel import select

from app.core.clock import ManualClock
from app.core.db import Database, Tx
from app.core.jobs import RecordingQueue
from app.domain.scripts.tables import Script
from app.flows.kit import Kit
from app.main import create_app


class Leaving(Database):
    """A database whose connection is lost in the writes of these numbers, counted from 0."""

    lost: tuple[int, ...] = ()
    begun = -1

    @asynccontextmanager
    async def write(self, *, brief: bool = False) -> AsyncIterator[Tx]:
        self.begun += 1
        if self.begun in self.lost:
            raise ConnectionResetError
        async with super().write() as tx:
            yield tx


@pytest.mark.parametrize("lost", [(0,), (1,), (0, 2)], ids=["before the key", "after the key", "twice"])
async def test_a_database_that_leaves_during_the_first_start(
    kit: Kit, database_url: str, capsys: pytest.CaptureFixture[str], lost: tuple[int, ...]
) -> None:
    db = Leaving(database_url, clock=ManualClock(kit.clock.now()), queue=RecordingQueue())
    db.lost = lost
    app = create_app(kit=replace(kit, db=db))
    async with app.router.lifespan_context(app), asyncio.timeout(10):
        while not await _has_scripts(db):  # noqa: ASYNC110 - another process may be the one to write them
            await asyncio.sleep(0.1)
    await db.close()
    assert capsys.readouterr().out.count("operator key (shown once): mk_") == 1


async def _has_scripts(db: Database) -> bool:
    async with db.read() as tx:
        return await tx.first(select(Script)) is not None
