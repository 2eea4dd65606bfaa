"""Hints for the workers: a catalogue of jobs, and the queue that carries their names and ids.

A job is never the only record of anything. It may be lost, doubled, late or out of order; the keeper finds
whatever fell on the floor. That is why `put` swallows every failure of Redis after a word in the log.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

QUEUE = "muster:v1"
PUT_TIMEOUT_S = 0.25


@dataclass(frozen=True)
class Job:
    """A name in the catalogue and the names of its arguments, which are ids and nothing else."""

    name: str
    takes: tuple[str, ...]


PLAN = Job("plan", ("campaign_id",))
WAKE = Job("wake", ("reason",))
RECEIVE = Job("receive", ("account_id",))

CATALOGUE: tuple[Job, ...] = (PLAN, WAKE, RECEIVE)


class Queue(Protocol):
    async def put(self, job: Job, *ids: str) -> None:
        """Hint that this job is worth doing now. Never raises."""
        ...


class NoQueue:
    """A queue that forgets everything: what is left is what the keeper must find."""

    async def put(self, job: Job, *ids: str) -> None:
        """Forget it."""


class RecordingQueue:
    """A queue that remembers, for tests that run the promised jobs themselves."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Job, tuple[str, ...]]] = []

    async def put(self, job: Job, *ids: str) -> None:
        self.jobs.append((job, ids))


class ArqQueue:
    """The queue on Redis. It connects when first used, and again after Redis was away."""

    def __init__(self, redis_url: str) -> None:
        self._settings = redis_settings(redis_url)
        self._pool: ArqRedis | None = None

    async def put(self, job: Job, *ids: str) -> None:
        assert len(ids) == len(job.takes), job.name
        try:
            async with asyncio.timeout(PUT_TIMEOUT_S):
                pool = await self._connected()
                await pool.enqueue_job(job.name, *ids, _job_id=f"{QUEUE}:{job.name}:{secrets.token_hex(8)}")
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("hint_not_sent", job=job.name, because=type(error).__name__)
            await self.close()

    async def alive(self) -> bool:
        """Whether Redis answers now."""
        try:
            async with asyncio.timeout(PUT_TIMEOUT_S):
                return bool(await (await self._connected()).ping())
        except (RedisError, OSError, TimeoutError):
            await self.close()
            return False

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await pool.aclose(close_connection_pool=True)

    async def _connected(self) -> ArqRedis:
        if self._pool is None:
            self._pool = await create_pool(
                self._settings,
                job_serializer=serialize,
                job_deserializer=deserialize,
                default_queue_name=QUEUE,
            )
        return self._pool


def redis_settings(url: str) -> RedisSettings:
    """arq's settings for a `redis://`, `rediss://` or `unix://` address; one try, for we try again ourselves."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries = 0
    settings.conn_timeout = 1
    settings.retry_on_timeout = True
    settings.retry_on_error = [RedisError, OSError]
    return settings


def serialize(job: dict[str, object]) -> bytes:
    return json.dumps(job, default=str).encode()


def deserialize(raw: bytes) -> dict[str, object]:
    job: dict[str, object] = json.loads(raw)
    return job


Hint = tuple[Job, Sequence[str]]
