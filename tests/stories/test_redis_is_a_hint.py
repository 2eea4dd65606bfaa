"""Redis carries hints: dead, deaf, empty or full of rubbish, it costs at most a moment, never a post."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis_client
from redis.exceptions import ResponseError

from app.core.jobs import QUEUE, serialize
from app.core.redis import EmbeddedRedis
from tests.stories.hints import GROUPS, MOMENT_S, Story, story_on

pytestmark = pytest.mark.alone

RESTARTS = int(os.environ.get("REDIS_RESTARTS", "4"))
AWAY_S = float(os.environ.get("REDIS_AWAY_S", "0"))
"""How long it is away before the next campaign; `REDIS_AWAY_S=600` for ten minutes."""


@pytest.fixture
async def story(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with story_on(database_url, tmp_path) as opened:
        yield opened


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
    assert await _readiness(story) == ("ready", "ok")
    _kill(story.redis)
    assert await _readiness(story) == ("degraded", "down")
    await asyncio.sleep(AWAY_S)
    await _quick(story)
    await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
    assert await _readiness(story) == ("degraded", "down")
    _restart_empty(story.redis)
    assert await _readiness(story) == ("ready", "ok")
    await story.finished(await story.launch(), within_s=GROUPS * 0.05 + MOMENT_S)
    async with redis_client.from_url(story.redis.url) as server:
        await _heard(server)


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


async def _readiness(story: Story) -> tuple[str, str]:
    """What a supervisor is told of the API and of its Redis. Without Redis it is still to be spoken to: a 200."""
    answer = await story.api.get("/readyz")
    assert answer.status_code == 200, answer.text
    return answer.json()["status"], answer.json()["redis"]


async def _quick(story: Story) -> None:
    """A launch and a dozen orders, half of them with hints: the slowest answer takes less than a second. The plan,
    which holds the campaign's row while it is made, is waited for first."""
    began = time.monotonic()
    campaign = await story.launch()
    took = [time.monotonic() - began]
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
