"""A sweep asks once what may wait, and passes over the rest; where that cannot be seen, or nothing is to be passed
over, every chore has its turn. That the look shows enough, all stories are told by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.core.clock import ManualClock
from app.core.db import Database, Tx
from app.flows.sweep import sweep
from tests.conftest import T0
from tests.world import World, world_on


class Blind(Database):
    """Whoever only looks sees the house as it was at the beginning."""

    @asynccontextmanager
    async def read(self, *, brief: bool = False, loose: bool = False) -> AsyncIterator[Tx]:
        async with super().read(brief=brief, loose=loose) as tx:
            tx.now = T0 if loose else tx.now
            yield tx


class Failing(Database):
    """Whoever only looks sees nothing."""

    @asynccontextmanager
    async def read(self, *, brief: bool = False, loose: bool = False) -> AsyncIterator[Tx]:
        if loose:
            raise LookupError("no such table")
        async with super().read(brief=brief) as tx:
            yield tx


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A campaign whose hour has come, and nobody has looked."""
    async with world_on(database_url, tmp_path, T0) as world:
        await world.groups({"group": "East", "platform": "webhook", "address": world.webhook("east")})
        await world.launch(send_at=(T0 + timedelta(hours=1)).isoformat())
        assert isinstance(world.kit.clock, ManualClock)
        world.kit.clock.advance(timedelta(minutes=65))  # pictures are looked through in the first minute of an hour
        yield world


async def _state(world: World) -> str:
    [campaign] = (await world.call("GET", "/campaigns"))["items"]
    return str((await world.campaign(campaign["id"]))["control"])


async def test_an_idle_sweep_is_one_look(world: World) -> None:
    await sweep(world.kit)
    seen: list[str] = []

    def note(*told: Any) -> None:
        seen.append(told[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await sweep(world.kit)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [one.split()[0] for one in seen if one != "BEGIN"] == ["SELECT"], seen


async def test_what_waits_is_done(world: World) -> None:
    assert await _state(world) == "scheduled"
    await sweep(world.kit)
    assert await _state(world) == "running"


@pytest.mark.parametrize("whole", [False, True])
async def test_a_whole_sweep_passes_nothing_over(world: World, database_url: str, *, whole: bool) -> None:
    db = Blind(database_url, clock=world.kit.clock)
    await sweep(replace(world.kit, db=db), whole=whole)
    await db.close()
    assert await _state(world) == ("running" if whole else "scheduled")


async def test_where_nothing_can_be_seen_every_chore_has_its_turn(world: World, database_url: str) -> None:
    db = Failing(database_url, clock=world.kit.clock)
    await sweep(replace(world.kit, db=db))
    await db.close()
    assert await _state(world) == "running"
