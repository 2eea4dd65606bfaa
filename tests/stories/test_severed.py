"""PostgreSQL cuts every connection, again and again, while real workers plan, post and write down: each group gets it
once, nobody has to be started anew, and what was interrupted is no news to whoever watches for errors."""

import asyncio
import json
import signal
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from app.core.clock import DatabaseClock
from app.core.jobs import ArqQueue
from tests.stories.storm import environment, heard, imported, launched, over, workers_of
from tests.world import center_on

pytestmark = pytest.mark.alone

GROUPS = 60
EVERY_S = 0.7
TIMES = 12
AT_ONCE = 3
"""So many connections stand when they are cut: before, the workers have not come back from the last time."""
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
CUT = OPEN.replace("count(*)", "count(pg_terminate_backend(pid))")


async def _cutting(database_url: str, cut: list[int]) -> None:
    plain = database_url.replace("+asyncpg", "")
    name = plain.rsplit("/", 1)[1].split("?")[0]
    beside = await asyncpg.connect(plain.replace(f"/{name}", "/postgres"))
    try:
        while len(cut) < TIMES:
            if await beside.fetchval(OPEN, name) >= AT_ONCE:
                cut.append(await beside.fetchval(CUT, name))
                await asyncio.sleep(EVERY_S)
            await asyncio.sleep(0.02)
    finally:
        await beside.close()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_connections_that_are_cut_again_and_again_double_nothing_and_lose_nothing(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    queue, cut = ArqQueue(redis_url), list[int]()
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue) as (_, api, sim):
        surroundings = environment(database_url, redis_url, tmp_path, sim) | {"MUSTER_LOG_FORMAT": "json"}
        await imported(api, sim, GROUPS)
        await sim.post("/_sim/faults", json={"kind": "slow", "times": None, "delay_s": 0.2})
        async with workers_of(surroundings, 2) as workers:
            campaign = await launched(api, gaps_s=(0.05, 0.12))
            storm = asyncio.create_task(_cutting(database_url, cut))
            await heard(sim, GROUPS)
            storm.cancel()
            counts = await over(api, campaign, GROUPS)
            for process in workers:
                process.send_signal(signal.SIGTERM)
            said = [(await asyncio.wait_for(process.communicate(), 20))[1].decode() for process in workers]
            assert [process.returncode for process in workers] == [0, 0]
        await queue.close()
        receipts = (await sim.get("/_sim/receipts")).json()["items"]
    assert len(cut) >= 3, f"connections were cut: {cut}"
    stands = Counter(one["target"] for one in receipts if one["accepted"] and not one["duplicate"])
    assert (len(stands), max(stands.values())) == (GROUPS, 1)
    assert counts["relayed"] + counts["uncertain"] == GROUPS
    assert counts["uncertain"] == 0, "an answer in hand is written down as soon as the database is back"
    assert [json.loads(line)["event"] for text in said for line in text.splitlines()] == []
