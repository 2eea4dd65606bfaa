"""What more worker processes bring: where they are short of processor, and where only of what they share, the database.

Every process has as many of the accounts as the others, and the time is from the first receipt to the last: neither
chance in the spread of accounts nor the half second until a worker looks is part of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from os import cpu_count

from sqlalchemy import func, select
from sqlmodel import col

from app.core import ids
from app.domain.access.rules import Caller
from app.domain.accounts import store as accounts
from app.domain.shards.rules import SHARDS, shard_of
from app.domain.shards.tables import Shard
from app.flows import control
from app.flows.kit import Kit
from bench.cast import CONCURRENCY, groups, kind, kit_on, launched, people, receiver
from bench.measure import TOLD, Figure, Watch, timed
from bench.stopping import Seen, seen, workers

COUNTS = (1, 2, 4)
READY_S = 30.0
POSTS = 6_400
"""By all processes together, where the platform answers at once."""
ANSWER_S = 0.1
PLACES = 32
"""As many as a worker has by default: it says 320 posts a second at the most to a platform that takes ANSWER_S."""
POSTS_EACH = 1_280
"""By each process, where the platform takes its time."""


@dataclass(frozen=True)
class Run:
    """So many processes on one database, each with so many places, and a platform that takes so long."""

    processes: int
    posts: int
    places: int = CONCURRENCY
    answer_s: float = 0.0


async def figures(url: str) -> list[Figure]:
    """First the processor is what they are short of, which they share with the database and the receiver. Then each
    waits for answers, with all its places taken: more of them are held up by what they share alone."""
    at_once = [Run(count, POSTS) for count in COUNTS]
    slowly = [Run(count, count * POSTS_EACH, PLACES, ANSWER_S) for count in COUNTS]
    return [
        *await _compared(url, "drain by {} processes", at_once),
        *await _compared(url, f"{{}} processes, {ANSWER_S * 1000:.0f} ms an answer", slowly),
    ]


async def _compared(url: str, title: str, runs: Sequence[Run]) -> list[Figure]:
    """The rate of each run beside that of the first, and how many cores of the machine were at work for all of it."""
    rates: list[Figure] = []
    busy: list[Figure] = []
    for run in runs:
        rate, watch = await _timed(url, run)
        name, floor = f"{kind(url)}: {title.format(run.processes)}", rates[0].value if rates else None
        least, goal = (1.7, "≥ 1.7 of one, on two free cores") if run.processes == 2 else (1.0, "no less than one")
        rates.append(Figure(name, rate, "posts/s", floor, goal, met=not floor or rate >= least * floor))
        busy.append(Figure(f"{name}, cores at work", watch.cores, f"of {cpu_count()}", None, TOLD, met=True))
    return rates + busy


async def _timed(url: str, run: Run) -> tuple[float, Watch]:
    """Posts a second from the first receipt to the last, and what was at work between them."""
    async with receiver(run.answer_s) as host, kit_on(url, host) as kit:
        caller = await people(kit)
        await _spread(kit, caller, host, run.posts)
        async with workers(url, kit.settings.data_dir, host, run.processes, places=run.places):
            await control.stop(kit, caller)  # nobody begins while it is planned
            await launched(kit, caller, "side by side")
            await shared_out(kit, run.processes)
            await control.start(kit, caller)
            await received(host, 1)
            with timed() as watch:
                told = await received(host, run.posts)
    assert told.received == run.posts, told
    return run.posts / (told.last - told.first), watch


async def _spread(kit: Kit, caller: Caller, host: str, posts: int) -> None:
    """Groups of as many accounts as there are shards, one in each."""
    for shard in range(SHARDS):
        account_id = ids.new("acc")
        while shard_of(account_id) != shard:
            account_id = ids.new("acc")
        values = {"id": account_id, "center_id": caller.center_id, "name": f"hook {shard}"}
        values |= {"platform": "webhook", "channel": "webhook"}
        async with kit.db.write() as tx:
            await accounts.create(tx, values)
        await groups(kit, caller, posts // SHARDS, host=host, account_id=account_id)


async def shared_out(kit: Kit, processes: int) -> None:
    """Wait until every process holds as many shards as the others."""
    held = select(func.count()).where(col(Shard.id) >= 0, col(Shard.holder).is_not(None)).group_by(col(Shard.holder))
    async with asyncio.timeout(READY_S):
        while True:
            async with kit.db.read() as tx:
                shares = [row[0] for row in await tx.table(held)]
            if shares == [SHARDS // processes] * processes:
                return
            await asyncio.sleep(0.1)


async def received(host: str, posts: int) -> Seen:
    """Wait until the receiver has so many."""
    while True:
        told = await seen(host)
        if told.received >= posts:
            return told
        await asyncio.sleep(0.1)
