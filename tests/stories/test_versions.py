"""Two versions of the workers side by side, as while a deployment rolls: hints that one of them does not know are lost,
and nothing else is."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest

from app.core.clock import DatabaseClock
from app.core.jobs import ArqQueue, Job
from tests.stories.storm import a_worker, environment, imported, launched, over, workers_of
from tests.world import center_on

pytestmark = pytest.mark.alone

GROUPS = 20
OLDER = """
import runpy
from app.core.jobs import PLAN
from workers.jobs import JOBS
del JOBS[PLAN]
runpy.run_module("workers", run_name="__main__")
"""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("newer", [0, 1])
async def test_workers_of_two_versions_lose_no_campaign(
    database_url: str, redis_url: str, tmp_path: Path, newer: int
) -> None:
    """The older one does not know the hint to plan; alone, it plans when its keeper comes round."""
    queue = ArqQueue(redis_url)
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue) as (_, api, sim):
        surroundings = environment(database_url, redis_url, tmp_path, sim)
        await imported(api, sim, GROUPS)
        async with workers_of(surroundings, newer) as workers:
            workers.append(await a_worker(surroundings, "-c", OLDER))
            campaign = await launched(api)
            await queue.put(Job("of_next_year", ("reason",)), "x")
            counts = await over(api, campaign, GROUPS)
            for process in workers:
                process.send_signal(signal.SIGTERM)
            assert [await asyncio.wait_for(process.wait(), 20) for process in workers] == [0] * (newer + 1)
        await queue.close()
        receipts = (await sim.get("/_sim/receipts")).json()["items"]
    assert Counter(one["target"] for one in receipts if one["accepted"]).most_common(1)[0][1] == 1
    assert counts["relayed"] == GROUPS
