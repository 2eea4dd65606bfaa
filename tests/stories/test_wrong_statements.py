"""A statement that is wrong, however often it is asked, is an error in the log, and holds up nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text

from app.flows.drain import Drain
from app.flows.keep import keep
from tests.world import World


@asynccontextmanager
async def without(world: World, table: str) -> AsyncIterator[None]:
    """Every statement about this table is wrong meanwhile."""
    await _rename(world, table, "elsewhere")
    try:
        yield
    finally:
        await _rename(world, "elsewhere", table)


async def _rename(world: World, table: str, name: str) -> None:
    async with world.kit.db.write() as tx:
        await tx.run(text(f"ALTER TABLE {table} RENAME TO {name}"))


async def test_one_chore_that_is_wrong_is_an_error_and_the_others_have_their_turn(world: World) -> None:
    await world.account("bot")
    await world.groups({"group": "G", "platform": "telegram", "address": "-100", "routes": "bot"})
    with structlog.testing.capture_logs() as said:
        async with without(world, "quorum_alarm"):
            await world.launch()
            await world.forward(seconds=2, step=1)
    told = {(line["event"], line["log_level"], line["chore"]) for line in said if "chore" in line}
    assert told == {("chore_failed", "error", "ring_alarms")}
    assert {line["log_level"] for line in said if line["event"] == "glance_failed"} == {"error"}
    assert await world.posts("Please stay indoors until 18:00.") == ["-100"]


async def test_the_drain_and_the_keeper_call_it_an_error_too(world: World) -> None:
    stopping = asyncio.Event()
    with structlog.testing.capture_logs() as said:
        async with without(world, "shard"):
            both = asyncio.gather(Drain(world.kit, "one").run(stopping), keep(world.kit, "one", stopping))
            await asyncio.sleep(0.2)
        stopping.set()
        await asyncio.wait_for(both, 20)
    levels = {(line["event"], line["log_level"]) for line in said}
    assert {("turn_failed", "error"), ("sweep_failed", "error")} <= levels
    assert "warning" not in {level for _, level in levels}
