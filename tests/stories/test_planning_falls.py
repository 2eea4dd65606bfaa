"""A worker falls in the middle of a plan, before or after the commit of a batch: another one goes on where it stood, and
each group is planned once."""

import asyncio
import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.clock import wall_clock
from app.flows import plan as planning
from tests.failpoints.fallen import ended, environment, falling
from tests.world import World, world_on

BATCHES = int(os.environ.get("PLAN_BATCHES", "3"))
"""Batches of a plan; `PLAN_BATCHES=100` for a hundred thousand groups."""
GROUPS = BATCHES * planning.BATCH - planning.BATCH // 2
MOMENT_S = 8.0
"""How long a dead worker's chair is kept for it, and a little more."""


async def _launched(world: World) -> str:
    """For tomorrow: everything is planned today, and nothing is posted."""
    for first in range(0, GROUPS, 20_000):
        numbers = range(first, min(first + 20_000, GROUPS))
        await world.groups(
            *({"group": f"G{n}", "platform": "webhook", "address": world.webhook(f"h{n}")} for n in numbers)
        )
    tomorrow = (wall_clock() + timedelta(days=1)).isoformat()
    campaign = await world.draft(send_at=tomorrow)
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    return campaign


async def _rows(world: World) -> tuple[int, int, int, int]:
    """Relays, groups that have one, deliveries, and groups that have one."""
    count = "(SELECT count(*) FROM {0}), (SELECT count(DISTINCT group_id) FROM {0})"
    async with world.kit.db.read() as tx:
        [row] = await tx.table(text(f"SELECT {count.format('relay')}, {count.format('delivery')}"))
    return tuple(row)


@pytest.mark.alone
@pytest.mark.timeout(60 + 20 * BATCHES)
@pytest.mark.parametrize(("point", "stood"), [("plan_uncommitted", 1), ("plan_committed", 2)])
async def test_a_plan_whose_worker_falls_at_its_second_batch_is_gone_on_with(
    database_url: str, tmp_path: Path, point: str, stood: int
) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _launched(world)
        surroundings = environment(database_url, tmp_path)
        async with falling(surroundings, point, 2) as process:
            assert await ended(process) == -signal.SIGKILL
        assert await _rows(world) == (stood * planning.BATCH,) * 4
        async with falling(surroundings, "draft_uncommitted") as successor:
            began = time.monotonic()
            while (await world.campaign(campaign))["groups"] == 0 or (await _rows(world))[0] < GROUPS:
                assert time.monotonic() - began < MOMENT_S + BATCHES, "nobody goes on with it"
                await asyncio.to_thread(time.sleep, 0.1)
            successor.terminate()
            assert await ended(successor) == 0
        assert await _rows(world) == (GROUPS,) * 4
