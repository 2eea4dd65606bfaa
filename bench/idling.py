"""Idling: what a worker takes that has nothing to do, in a house whose last campaign is posted."""

import asyncio

from sqlalchemy import text

from app.flows.kit import Kit
from bench.cast import drained, groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure, held_mb, process_s, timed
from bench.stopping import workers

SETTLE_S, WATCH_S = 10, 60
"""The keeper passes over nothing in every thirtieth of its sweeps, one a second."""
READS, READ_FOR_S = 8, 20


async def scene(url: str, count: int) -> list[Figure]:
    async with receiver() as host, kit_on(url, host) as kit:
        caller = await people(kit)
        await groups(kit, caller, count, host=host)
        await drained(kit, await launched(kit, caller, "posted"))
        async with workers(url, kit.settings.data_dir, host, 1) as [worker]:
            await asyncio.sleep(SETTLE_S)
            began = process_s(worker.pid)
            with timed() as watch:
                await asyncio.sleep(WATCH_S)
            percent = (process_s(worker.pid) - began) / watch.seconds * 100
            memory = held_mb(worker.pid)
        bare = await _reads_percent(kit)
    return [
        Figure(
            f"{kind(url)}: idle worker, beside {READS} empty reads a second", percent, "%", bare, "≤ 1", percent <= 1
        ),
        Figure(f"{kind(url)}: idle worker, memory", memory, "MB", None, "≤ 120", memory <= 120),
    ]


async def _reads_percent(kit: Kit) -> float:
    """What READS empty reads a second take of a core, by the same driver and as far apart."""
    with timed() as watch:
        for _ in range(READS * READ_FOR_S):
            await asyncio.sleep(1 / READS)
            async with kit.db.read() as tx:
                await tx.table(text("SELECT 1"))
    return watch.cpu_s / watch.seconds * 100
