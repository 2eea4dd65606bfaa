"""Workers that plan one campaign at the same time: whoever holds it plans the next batch, and no group is planned
twice. A plan's rows are inserted as new ones: a group planned twice would be an error of the database."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.clock import wall_clock
from app.core.db import Database
from app.flows.plan import BATCH, plan
from tests.world import world_on

PLANNERS = 3
GROUPS = 2 * BATCH + 50
COUNTS = text(
    "SELECT (SELECT count(*) FROM relay), (SELECT count(DISTINCT group_id) FROM relay), "
    "(SELECT count(*) FROM delivery), (SELECT count(DISTINCT group_id) FROM delivery), "
    "(SELECT count(*) FROM journal WHERE subject = 'relay')"
)


@pytest.mark.timeout(120)
async def test_planners_of_one_campaign_plan_each_group_once(database_url: str, tmp_path: Path) -> None:
    """Each has connections of its own, as workers have. For tomorrow: nothing is posted meanwhile."""
    async with world_on(database_url, tmp_path, wall_clock()) as world, AsyncExitStack() as stack:
        rows = [{"group": f"G{n}", "platform": "webhook", "address": world.webhook(f"h{n}")} for n in range(GROUPS)]
        await world.groups(*rows)
        campaign = await world.draft(send_at=(wall_clock() + timedelta(days=1)).isoformat())
        await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
        kits = [replace(world.kit, db=Database(database_url, clock=world.clock)) for _ in range(PLANNERS)]
        for kit in kits:
            stack.push_async_callback(kit.db.close)
        await asyncio.gather(*(plan(kit, campaign) for kit in kits))
        async with world.kit.db.read() as tx:
            [found] = await tx.table(COUNTS)
        assert list(found) == [GROUPS] * 5
