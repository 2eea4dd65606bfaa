"""A worker falls in the middle of a plan, before or after the commit of a batch: the next one goes on where it stood,
and each group is planned once."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.clock import wall_clock
from app.flows.plan import BATCH
from tests.failpoints.fallen import ended, environment, falling
from tests.world import World, world_on

BATCHES = int(os.environ.get("PLAN_BATCHES", "2"))
"""Batches of a plan, the last of them a small one; `PLAN_BATCHES=100` for a hundred thousand groups."""
GROUPS = (BATCHES - 1) * BATCH + 50
SHEET = 20_000
SOON_S = 6
"""A dead worker's chair is free."""


async def _launched(world: World) -> str:
    """For tomorrow: everything is planned today, and nothing is posted."""
    rows = [{"group": f"G{n}", "platform": "webhook", "address": world.webhook(f"h{n}")} for n in range(GROUPS)]
    for first in range(0, GROUPS, SHEET):
        await world.groups(*rows[first : first + SHEET])
    campaign = await world.draft(send_at=(wall_clock() + timedelta(days=1)).isoformat())
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    return campaign


async def _planned(world: World) -> list[int]:
    """Relays, groups that have one, deliveries, and groups that have one."""
    count = "(SELECT count(*) FROM {0}), (SELECT count(DISTINCT group_id) FROM {0})"
    async with world.kit.db.read() as tx:
        [row] = await tx.table(text(f"SELECT {count.format('relay')}, {count.format('delivery')}"))
    return list(row)


@pytest.mark.timeout(120 + 20 * BATCHES)
@pytest.mark.parametrize(("point", "nth"), [("plan_committed", BATCHES - 1), ("plan_uncommitted", BATCHES)])
async def test_a_plan_whose_worker_falls_is_gone_on_with(
    database_url: str, tmp_path: Path, point: str, nth: int
) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _launched(world)
        async with falling(environment(database_url, tmp_path), point, nth) as process:
            assert await ended(process) == -signal.SIGKILL
        assert await _planned(world) == [(BATCHES - 1) * BATCH] * 4
        world.queue.jobs.clear()  # the hint died with it
        await world.forward(seconds=SOON_S)
        assert await _planned(world) == [GROUPS] * 4
        counts = (await world.campaign(campaign))["counts"]
        assert (counts["planned"], sum(counts.values())) == (GROUPS, GROUPS)
