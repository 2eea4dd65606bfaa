"""A worker process: a drain, a keeper and an ear for hints, each of which outlives the trouble of the others."""

import asyncio
import contextlib
import signal
from functools import partial

import structlog
from arq.connections import ArqRedis
from arq.worker import Worker
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, WatchError
from redis.exceptions import TimeoutError as RedisTimeout

from app.bootstrap import build_kit
from app.core import garbage, ids, unheard
from app.core.db import TROUBLE
from app.core.jobs import QUEUE
from app.core.marks import Unreadable
from app.core.settings import Settings
from app.flows.drain import Drain
from app.flows.keep import keep
from app.flows.kit import Kit
from app.flows.look import look
from app.flows.read_back import Seeker
from app.flows.rounds import in_rounds
from app.flows.set_back import beat, look_back
from app.flows.tell_webhooks import tell_webhooks
from workers.schema import own_schema, until_another
from workers.settings import ear

log = structlog.get_logger(__name__)

NO_REDIS = (RedisConnectionError, RedisTimeout, OSError, TimeoutError, WatchError)
"""A line that breaks while a hint is watched ends in a WatchError; a hint that a rival took never gets here."""
HEAR_AGAIN_S = 2.0
FOLLOW_CLOCK_S = 5.0
BEAT_S = 1.0
LAG_S = 1.0
PROVEN_WITHIN_S = 15.0


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way, write it down, and end."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    unheard.tell_outages()
    async with build_kit(settings) as kit:
        garbage.spare_what_stands()
        await work(kit, stopping)


async def work(kit: Kit, stopping: asyncio.Event) -> None:
    """Work with this Kit until `stopping` is set, whenever the database has the schema that this program means."""
    worker_id = ids.new("wrk")
    log.info("worker_started", worker=worker_id)
    while await own_schema(kit, stopping):
        over = asyncio.Event()
        minding = asyncio.create_task(until_another(kit, stopping, over))
        await _shift(kit, worker_id, over)
        minding.cancel()
        await asyncio.gather(minding, return_exceptions=True)
    log.info("worker_stopped", worker=worker_id)


async def _shift(kit: Kit, worker_id: str, stopping: asyncio.Event) -> None:
    """Drain, keep and listen until `stopping` is set and everything under way is written down."""
    drain = Drain(kit, worker_id)
    await look_back_first(kit, stopping)
    side = [
        asyncio.create_task(listen(kit, drain, stopping)),
        asyncio.create_task(keep(kit, worker_id, stopping)),
        asyncio.create_task(keep_beating(kit, stopping)),
        asyncio.create_task(in_rounds(partial(tell_webhooks, kit), stopping, name="webhooks")),
        asyncio.create_task(in_rounds(partial(look, kit), stopping, name="tasks")),
        asyncio.create_task(in_rounds(Seeker(kit).round, stopping, name="read_back")),
        asyncio.create_task(follow_clock(kit)),
        asyncio.create_task(tell_lag()),
    ]
    await drain.run(stopping)
    for task in side:
        task.cancel()
    await asyncio.gather(*side, return_exceptions=True)


async def look_back_first(kit: Kit, stopping: asyncio.Event) -> None:
    """Nothing leaves before it is known that this database has lost nothing. Where the only mark is in a Redis that is
    away, that is not waited for longer than PROVEN_WITHIN_S: Redis may be gone for good."""
    patience = asyncio.get_running_loop().time() + PROVEN_WITHIN_S
    while not stopping.is_set():
        try:
            await look_back(kit)
        except TROUBLE as error:
            log.warning("database_away", because=type(error).__name__)
            await asyncio.sleep(HEAR_AGAIN_S)
        except Unreadable:
            if asyncio.get_running_loop().time() > patience:
                log.warning("marks_unreadable", remedy="if this database was restored, stop and run: muster restored")
                return
            await asyncio.sleep(BEAT_S)
        else:
            return


async def keep_beating(kit: Kit, stopping: asyncio.Event) -> None:
    """However long the keeper's round takes, the marks are never older than what leaves."""
    while not stopping.is_set():
        with contextlib.suppress(*TROUBLE):
            await beat(kit)
        await asyncio.sleep(BEAT_S)


async def tell_lag() -> None:
    """A process that stands still longer than LAG_S says so as soon as it can: its leases run out meanwhile."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + BEAT_S
        await asyncio.sleep(BEAT_S)
        if loop.time() - due > LAG_S:
            log.warning("stood_still", seconds=round(loop.time() - due, 1))


async def listen(kit: Kit, drain: Drain, stopping: asyncio.Event) -> None:
    """Hear hints from Redis as long as there is one; without it the worker goes on by looking for itself."""
    while not stopping.is_set():
        worker: Worker | None = None
        try:
            worker = ear(kit, drain)
            await worker.async_run()
        except NO_REDIS as error:
            log.warning("no_hints", because=type(error).__name__)
        except Exception as error:
            log.exception("hints_unreadable", because=type(error).__name__, remedy="they are all thrown away")
            await forget(worker)
        except asyncio.CancelledError:
            if worker is not None:
                await close(worker)
            raise
        if worker is not None:
            await close(worker)
        await asyncio.sleep(HEAR_AGAIN_S)


async def forget(worker: Worker | None) -> None:
    """Empty the queue: one hint that cannot be read would break the ear again and again, and no hint is needed."""
    pool: ArqRedis | None = worker.pool if worker is not None else None
    if pool is not None:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await pool.delete(QUEUE)


async def close(worker: Worker) -> None:
    """Let go of Redis, whatever state the connection is in; there is none where Redis was away from the start."""
    pool: ArqRedis | None = worker.pool
    with contextlib.suppress(RedisError, OSError, asyncio.CancelledError):
        for task in worker.tasks.values():
            task.cancel()
        await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        if pool is not None:
            await pool.aclose(close_connection_pool=True)


async def follow_clock(kit: Kit) -> None:
    while True:
        await asyncio.sleep(FOLLOW_CLOCK_S)
        with contextlib.suppress(*TROUBLE):
            await kit.db.follow_clock()
