"""A center, the practice platform, one worker process, and a Redis of their own that can be ill-treated."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from app.core.clock import DatabaseClock
from app.core.jobs import ArqQueue
from app.core.redis import EmbeddedRedis
from tests.world import center_on

GROUPS = 12
MOMENT_S = 10.0
"""What a hint that never came may cost."""


class Story:
    """`api` speaks for the center's owner; `sim` is the practice platform's control API."""

    def __init__(self, api: httpx.AsyncClient, sim: httpx.AsyncClient, redis: EmbeddedRedis) -> None:
        self.api, self.sim, self.redis = api, sim, redis
        self.drafts = 0

    async def launch(self, *, gap_s: float = 0.05) -> str:
        """Draft and launch; answers the campaign's id."""
        self.drafts += 1
        pacing = {"min_gap_s": gap_s, "max_gap_s": gap_s}
        body = {"title": "Storm", "body": f"Word {self.drafts}", "relay_minutes": 30, "pacing": pacing}
        headers = {"Idempotency-Key": f"hint-{self.drafts}"}
        made = await self.api.post("/api/v1/campaigns", json=body, headers=headers)
        assert made.status_code == 201, made.text
        launched = await self.api.post(f"/api/v1/campaigns/{made.json()['id']}/launch")
        assert launched.status_code == 202, launched.text
        return str(made.json()["id"])

    async def posts(self, text: str) -> Counter[str]:
        receipts = (await self.sim.get("/_sim/receipts")).json()["items"]
        return Counter(one["target"] for one in receipts if one["text"] == text)

    async def finished(self, campaign: str, *, within_s: float) -> None:
        """Every group has the last word once, and the ledger says so, in time."""
        deadline = time.monotonic() + within_s
        while (seen := (await self.api.get(f"/api/v1/campaigns/{campaign}")).json())["status"] != "finished":
            assert time.monotonic() < deadline, f"still {seen['counts']} after {within_s:g} s"
            await asyncio.to_thread(time.sleep, 0.05)
        assert seen["counts"]["relayed"] == GROUPS
        assert await self.posts(f"Word {self.drafts}") == {f"hook-{number}": 1 for number in range(GROUPS)}


@asynccontextmanager
async def story_on(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    redis = EmbeddedRedis(tmp_path / "redis")
    redis.start()
    queue = ArqQueue(redis.url)
    try:
        async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue) as (_, api, sim):
            base = str(sim.base_url).rstrip("/")
            rows = [f"H{number},webhook,{base}/webhook/hook-{number}" for number in range(GROUPS)]
            files = {"file": ("groups.csv", "\n".join(["group,platform,address", *rows]).encode(), "text/csv")}
            assert (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).is_success
            settings = {"DATABASE_URL": database_url, "REDIS_URL": redis.url, "DATA_DIR": str(tmp_path)}
            settings |= {"ALLOWED_HOSTS": f"127.0.0.1:{sim.base_url.port}", "LOG_LEVEL": "ERROR"}
            async with _worker(settings) as worker:
                yield Story(api, sim, redis)
                assert worker.returncode is None, "the worker died"
                worker.terminate()
                assert await asyncio.wait_for(worker.wait(), 20) == 0
    finally:
        await queue.close()
        redis.stop()


@asynccontextmanager
async def _worker(settings: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, **{f"MUSTER_{name}": value for name, value in settings.items()}}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
