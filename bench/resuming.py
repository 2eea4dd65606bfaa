"""Resuming: how long nothing is posted when the worker that posts is killed or told to stop, with another beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from signal import SIGKILL, SIGTERM, Signals

from sqlmodel import col, select

from app.core import ids
from app.domain.accounts import store as accounts
from app.domain.shards.rules import shard_of
from app.domain.shards.tables import Shard, Worker
from app.flows.kit import Kit
from bench.cast import groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure
from bench.side_by_side import received, shared_out
from bench.stopping import seen, workers

ANSWER_S, PLACES = 0.05, 32
"""So that one account's posts last longer than what is measured."""
BEFORE, AFTER = 200, 50
"""Posts by the worker that is struck, and by the other."""
MOST_S = {SIGKILL: 10.0, SIGTERM: 1.0}


async def scene(url: str, count: int) -> list[Figure]:
    figures = []
    for blow, most in MOST_S.items():
        pause = await _pause(url, count, blow)
        what = f"{kind(url)}: nothing posted after {blow.name} of a worker"
        figures.append(Figure(what, pause, "s", None, f"≤ {most:.0f} s", pause <= most))
    return figures


async def _pause(url: str, count: int, blow: Signals) -> float:
    """The longest time without a receipt, from the blow to the worker that posts until the other goes on."""
    async with receiver(ANSWER_S) as host, kit_on(url, host) as kit:
        caller = await people(kit)
        account_id = ids.new("acc")
        values = {"id": account_id, "center_id": caller.center_id, "name": account_id}
        async with kit.db.write() as tx:
            await accounts.create(tx, values | {"platform": "webhook", "channel": "webhook"})
        await groups(kit, caller, count, host=host, account_id=account_id)
        async with _beside_each_other(kit, url, host) as both:
            await launched(kit, caller, f"resumed after {blow.name}")
            await received(host, BEFORE)
            posting = both[await _holder(kit, shard_of(account_id))]
            posting.send_signal(blow)
            return await _longest(host, posting)


@asynccontextmanager
async def _beside_each_other(kit: Kit, url: str, host: str) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Two workers, each with half of the shards: the older one, the younger one."""
    folder = kit.settings.data_dir
    async with workers(url, folder, host, 1, places=PLACES) as [older]:
        await shared_out(kit, 1)
        async with workers(url, folder, host, 1, places=PLACES) as [younger]:
            await shared_out(kit, 2)
            yield [older, younger]


async def _holder(kit: Kit, shard: int) -> int:
    """Who holds it: 0 for the older one, 1 for the younger one."""
    async with kit.db.read() as tx:
        started = await tx.all(select(Worker.id).order_by(col(Worker.started_at)))
        held = await tx.all(select(Shard).where(Shard.id == shard))
    return int(held[0].holder == started[-1])


async def _longest(host: str, struck: asyncio.subprocess.Process) -> float:
    """Until the struck one has ended, and the other has posted some."""
    longest, told = 0.0, await seen(host)
    enough = None
    while enough is None or told.received < enough:
        await asyncio.sleep(0.01)
        before, told = told, await seen(host)
        longest = max(longest, told.last - before.last)
        if enough is None and struck.returncode is not None:
            enough = told.received + AFTER
    return longest
