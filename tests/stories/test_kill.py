"""Processes die: workers by SIGKILL in mid-sentence, Redis forgets everything, and still no group gets it twice and
none is silently left out. Real worker processes, a real Redis, real time."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest
import redis.asyncio as redis_client

from app.core.clock import DatabaseClock
from app.core.jobs import ArqQueue
from tests.stories.storm import a_worker, environment, heard, imported, launched, over, workers_of
from tests.world import center_on

GROUPS = 120
IN_FLIGHT = 8


@pytest.mark.timeout(400)
async def test_killed_workers_and_a_flushed_redis_neither_double_nor_lose_a_post(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    queue = ArqQueue(redis_url)
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue) as (_, api, sim):
        surroundings = environment(database_url, redis_url, tmp_path, sim)
        surroundings["MUSTER_WORKER_CONCURRENCY"] = str(IN_FLIGHT // 2)
        await imported(api, sim, GROUPS)
        await sim.post("/_sim/faults", json={"kind": "slow", "times": None, "delay_s": 0.25})
        async with workers_of(surroundings, 2) as workers:
            campaign = await launched(api)
            for spoken in (15, 40, 65):
                await heard(sim, spoken)
                for process in workers:
                    process.kill()
                    await process.wait()
                async with redis_client.from_url(redis_url) as server:
                    await server.flushall()
                workers[:] = [await a_worker(surroundings) for _ in workers]
            counts = await over(api, campaign, GROUPS)
            for process in workers:
                process.send_signal(signal.SIGTERM)
            assert [await asyncio.wait_for(process.wait(), 20) for process in workers] == [0, 0]
        await queue.close()
        receipts = (await sim.get("/_sim/receipts")).json()["items"]
        stands = Counter(one["target"] for one in receipts if one["accepted"] and not one["duplicate"])
        assert max(stands.values()) == 1, "a group got it twice"
        assert counts["relayed"] + counts["uncertain"] == GROUPS
        hooks = [target for target in stands if target.startswith("hook")]
        assert len(hooks) == GROUPS // 2, "with a key nothing stays unknown"
        assert 1 <= counts["uncertain"] <= 3 * IN_FLIGHT, "some were cut off in mid-sentence, and all of them say so"
        assert len(stands) >= counts["relayed"], "what the ledger calls relayed stands in its group"
