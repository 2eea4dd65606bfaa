"""Two versions of the workers side by side, as while a deployment rolls: hints that one of them does not know are lost,
and nothing else is."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import httpx
import pytest
import structlog
from alembic.config import Config
from sqlalchemy import text

from alembic import command
from app.core.clock import DatabaseClock
from app.core.db import Database
from app.core.jobs import ArqQueue, Job, RecordingQueue
from app.core.readiness import SCHEMA_HEAD
from app.core.settings import ROOT
from tests.stories.storm import a_worker, environment, heard, imported, launched, over, workers_of
from tests.world import center_on
from workers.lifecycle import work

GROUPS, SOME = 20, 8
OLDER = """
import runpy
from app.core.jobs import PLAN
from workers.jobs import JOBS
del JOBS[PLAN]
runpy.run_module("workers", run_name="__main__")
"""


@pytest.mark.timeout(400)
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
            assert [await asyncio.wait_for(process.wait(), 60) for process in workers] == [0] * (newer + 1)
        await queue.close()
        receipts = (await sim.get("/_sim/receipts")).json()["items"]
    assert Counter(one["target"] for one in receipts if one["accepted"]).most_common(1)[0][1] == 1
    assert counts["relayed"] == GROUPS


async def _posts(sim: httpx.AsyncClient) -> Counter[str]:
    receipts = (await sim.get("/_sim/receipts")).json()["items"]
    return Counter(one["target"] for one in receipts if one["accepted"])


@pytest.mark.alone
@pytest.mark.parametrize("started", ["before", "after"])
async def test_a_worker_holds_while_the_schema_is_another_and_loses_nothing(
    database_url: str, tmp_path: Path, started: str
) -> None:
    """A newer one that comes up before the migration, and an older one that is posting when it comes."""
    stopping, queue = asyncio.Event(), RecordingQueue()
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", database_url)
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue) as (kit, api, sim):
        await imported(api, sim, SOME)
        campaign = await launched(api, gaps_s=(0.8, 0.8) if started == "after" else (0, 0))
        with structlog.testing.capture_logs() as said:
            if started == "before":
                await asyncio.to_thread(command.downgrade, config, "-1")
                working = asyncio.create_task(work(kit, stopping))
            else:
                working = asyncio.create_task(work(kit, stopping))
                await heard(sim, 1)
                await _named(kit.db, "of_next_year")
                await asyncio.sleep(1.2)
            stood = await _posts(sim)
            await asyncio.sleep(0.6)
            assert await _posts(sim) == stood
            assert (len(stood) > 0, len(stood) < SOME) == (started == "after", True)
            if started == "before":
                await asyncio.to_thread(command.upgrade, config, "head")
            else:
                await _named(kit.db, SCHEMA_HEAD)
            counts = await over(api, campaign, SOME)
            stopping.set()
            await asyncio.wait_for(working, 20)
        assert await _posts(sim) == dict.fromkeys(await _posts(sim), 1)
    assert (counts["relayed"], counts["uncertain"]) == (SOME, 0)
    loud = [line["event"] for line in said if line["log_level"] in {"warning", "error"}]
    assert [event for event in loud if event != "no_hints"] == ["schema_other"]  # there is no Redis


async def _named(db: Database, revision: str | None) -> None:
    async with db.write() as tx:
        await tx.run(text("UPDATE alembic_version SET version_num = :name"), {"name": revision})
