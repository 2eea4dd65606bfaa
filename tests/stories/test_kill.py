"""Processes die: workers by SIGKILL in mid-sentence, Redis forgets everything, and still no group gets it twice and
none is silently left out. Real worker processes, a real Redis, real time."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import redis.asyncio as redis_client

from app.core.clock import DatabaseClock
from app.core.jobs import ArqQueue
from tests.world import center_on

pytestmark = pytest.mark.alone

GROUPS = 120
IN_FLIGHT = 8
TEXT = "Please stay indoors until 18:00."


@asynccontextmanager
async def _workers(environment: dict[str, str], count: int) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    started = [await _worker(environment) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _worker(environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment)


def _sheet(base: str) -> bytes:
    rows = ["group,platform,address"]
    for number in range(GROUPS // 2):
        rows.append(f"R{number},wecom,{base}/cgi-bin/webhook/send?key=robot-{number:06}")
        rows.append(f"H{number},webhook,{base}/webhook/hook-{number}")
    return "\n".join(rows).encode()


@pytest.mark.timeout(180)
async def test_killed_workers_and_a_flushed_redis_neither_double_nor_lose_a_post(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    queue = ArqQueue(redis_url)
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue) as (_, api, sim):
        base = str(sim.base_url).rstrip("/")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")},
            "MUSTER_DATABASE_URL": database_url,
            "MUSTER_REDIS_URL": redis_url,
            "MUSTER_DATA_DIR": str(tmp_path),
            "MUSTER_ALLOWED_HOSTS": f"127.0.0.1:{sim.base_url.port}",
            "MUSTER_LOG_LEVEL": "ERROR",
            "MUSTER_WORKER_CONCURRENCY": str(IN_FLIGHT // 2),
        }
        files = {"file": ("groups.csv", _sheet(base), "text/csv")}
        report = (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).json()
        assert report["create"] == GROUPS, report
        await sim.post("/_sim/faults", json={"kind": "slow", "times": None, "delay_s": 0.25})
        async with _workers(environment, 2) as workers:
            campaign = await _launch(api)
            for spoken in (15, 40, 65):
                await _heard(sim, spoken)
                for process in workers:
                    process.kill()
                    await process.wait()
                async with redis_client.from_url(redis_url) as server:
                    await server.flushall()
                workers[:] = [await _worker(environment) for _ in workers]
            counts = await _ended(api, campaign)
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


async def _launch(api: httpx.AsyncClient) -> str:
    body = {
        "title": "Storm",
        "body": TEXT,
        "relay_minutes": 30,
        "pacing": {"min_gap_s": 0.02, "max_gap_s": 0.05},
    }
    made = (await api.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "kill"})).json()
    answer = await api.post(f"/api/v1/campaigns/{made['id']}/launch")
    assert answer.status_code == 202, answer.text
    return str(made["id"])


async def _heard(sim: httpx.AsyncClient, count: int) -> None:
    """Wait until the platform has been spoken to this often."""
    for _ in range(300):
        receipts = (await sim.get("/_sim/receipts")).json()["items"]
        if len(receipts) >= count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"only {len(receipts)} calls in 30 s")


async def _ended(api: httpx.AsyncClient, campaign: str) -> dict[str, int]:
    """Wait until nothing waits or is under way."""
    for _ in range(300):
        seen = (await api.get(f"/api/v1/campaigns/{campaign}")).json()
        if seen["groups"] == GROUPS and not any(seen["counts"][state] for state in ("planned", "posting")):
            return dict(seen["counts"])
        await asyncio.sleep(0.3)
    raise AssertionError(f"still moving after 90 s: {seen['counts']}")
