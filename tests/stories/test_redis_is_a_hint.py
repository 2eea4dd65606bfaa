"""Redis carries hints: dead, deaf, empty or full of rubbish, it costs at most a moment, never a post."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis.asyncio as redis_client
from redis.exceptions import ResponseError

from app.core.clock import DatabaseClock
from app.core.jobs import QUEUE, ArqQueue, serialize
from app.core.redis import EmbeddedRedis
from tests.world import center_on

pytestmark = pytest.mark.alone

GROUPS = 12
MOMENT_S = 10.0
"""What a hint that never came may cost."""
RESTARTS = int(os.environ.get("REDIS_RESTARTS", "4"))
AWAY_S = float(os.environ.get("REDIS_AWAY_S", "0"))
"""How long it is away before the next campaign; `REDIS_AWAY_S=600` for ten minutes."""


class Story:
    """A center, the practice platform, a Redis of its own, and one worker process."""

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


@pytest.fixture
async def story(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
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


@pytest.mark.timeout(60 + 2 * RESTARTS)
async def test_a_redis_that_dies_forgets_and_comes_back_costs_a_moment(story: Story) -> None:
    campaign = await story.launch(gap_s=0.1 + RESTARTS / 100)
    for away_s in [0.0] * RESTARTS + [2.5]:  # the worker tries again every two seconds
        _kill(story.redis)
        await asyncio.sleep(away_s)
        _restart_empty(story.redis)
        async with redis_client.from_url(story.redis.url) as server:
            await server.flushall()
    await story.finished(campaign, within_s=GROUPS * (0.1 + RESTARTS / 100) + MOMENT_S)
    async with redis_client.from_url(story.redis.url) as server:
        await _heard(server)


@pytest.mark.timeout(90 + AWAY_S)
async def test_without_redis_everything_goes_on_and_the_api_stays_quick(story: Story) -> None:
    await story.finished(await story.launch(), within_s=20)
    _kill(story.redis)
    await asyncio.sleep(AWAY_S)
    await _quick(story)
    await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
    _restart_empty(story.redis)
    await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)


async def test_a_redis_that_never_answers_holds_nobody_up(story: Story) -> None:
    await story.finished(await story.launch(), within_s=20)
    process = story.redis._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        await _quick(story)
        await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
    finally:
        process.send_signal(signal.SIGCONT)
    await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)


@pytest.mark.parametrize("ill", [("maxmemory", "1"), ("min-replicas-to-write", "1")])
async def test_a_redis_that_is_full_or_takes_no_writes_holds_nobody_up(story: Story, ill: tuple[str, str]) -> None:
    await story.finished(await story.launch(), within_s=20)
    async with redis_client.from_url(story.redis.url) as server:
        await server.config_set(*ill)
        with pytest.raises(ResponseError):
            await server.set("anything", "at all")
        await _quick(story)
        await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
        await server.config_set(ill[0], "0")
        await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
        await _heard(server)


async def _quick(story: Story) -> None:
    """A dozen orders, half of them with hints: the slowest answer takes less than a second. The plan, which holds the
    campaign's row while it is made, is waited for first."""
    took = []
    campaign = await story.launch()
    while (await story.api.get(f"/api/v1/campaigns/{campaign}")).json()["groups"] < GROUPS:
        await asyncio.to_thread(time.sleep, 0.05)
    for verb in ["pause", "resume"] * 6:
        began = time.monotonic()
        assert (await story.api.post(f"/api/v1/campaigns/{campaign}/{verb}")).status_code == 200
        took.append(time.monotonic() - began)
    assert max(took) < 1.0
    await story.finished(campaign, within_s=GROUPS * 0.05 + MOMENT_S)


def _kill(redis: EmbeddedRedis) -> None:
    assert redis._process is not None
    redis._process.kill()
    redis._process.wait()


def _restart_empty(redis: EmbeddedRedis) -> None:
    """In this very thread: the server dies with the thread that started it."""
    shutil.rmtree(redis._folder)
    redis.start()


def _job(**changes: Any) -> bytes:
    return serialize({"t": 1, "f": "wake", "a": ["x"], "k": {}, "et": 1, **changes})


RUBBISH: dict[str, bytes] = {
    "pickle": b"\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "no job": b"[]",
    "stranger": _job(f="reformat"),
    "list for a name": _job(f=["wake"]),
    "too many": _job(a=["x", "y", "z"]),
    "too few": _job(f="plan", a=[]),
    "number for a list": _job(a=7),
    "word for a try": _job(t="first"),
    "wrong id": _job(f="plan", a=[{"id": 1}]),
    "nobody": _job(f="plan", a=["cmp_nobody"]),
    "huge": _job(a=["x" * 10_000_000]),
}


async def test_rubbish_in_the_queue_harms_nobody(story: Story) -> None:
    async with redis_client.from_url(story.redis.url) as server:
        for name, raw in RUBBISH.items():
            await server.set(f"arq:job:{QUEUE}:{name}", raw)
            await server.zadd(QUEUE, {f"{QUEUE}:{name}": 1})
        await server.rpush(f"arq:job:{QUEUE}:list", "not a string")
        await server.zadd(QUEUE, {f"{QUEUE}:list": 1, b"\xff\xfe": 1, f"{QUEUE}:ghost": 1})
        await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
        await _heard(server)
        await server.set(QUEUE, "not a queue at all")
        await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
        await _heard(server)


async def _heard(server: redis_client.Redis) -> None:
    """The worker listens: whatever is in the queue, and one more wake, is taken out in a moment."""
    with suppress(ResponseError):
        await server.set(f"arq:job:{QUEUE}:last", _job())
        await server.zadd(QUEUE, {f"{QUEUE}:last": 1})
    deadline = time.monotonic() + MOMENT_S
    while await server.exists(QUEUE):
        assert time.monotonic() < deadline, "the worker hears nothing any more"
        await asyncio.to_thread(time.sleep, 0.1)


async def test_a_thousand_wakes_and_stale_marks_change_nothing(story: Story) -> None:
    async with redis_client.from_url(story.redis.url) as server:
        async with server.pipeline() as pipe:
            for number in range(10_000):
                pipe.set(f"arq:in-progress:{QUEUE}:stale-{number}", b"1", px=60_000)
                pipe.zadd(QUEUE, {f"{QUEUE}:stale-{number}": 1})
            await pipe.execute()
        campaign = await story.launch()
        async with server.pipeline() as pipe:
            for number in range(1_000):
                pipe.set(f"arq:job:{QUEUE}:wake-{number}", _job())
                pipe.zadd(QUEUE, {f"{QUEUE}:wake-{number}": 1})
            await pipe.execute()
        await story.finished(campaign, within_s=GROUPS * 0.05 + MOMENT_S)
