"""Idling: what a worker takes that has nothing to do, in a house whose last campaign is posted."""

import asyncio
from pathlib import Path

from bench.cast import drained, groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure, process_s, timed
from bench.stopping import workers

SETTLE_S, WATCH_S = 10, 60
"""The keeper passes over nothing in every thirtieth of its sweeps, one a second."""


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
            memory = _memory_mb(worker.pid)
    return [
        Figure(f"{kind(url)}: idle worker, of a core", percent, "%", None, "≤ 1", percent <= 1),
        Figure(f"{kind(url)}: idle worker, memory", memory, "MB", None, "≤ 120", memory <= 120),
    ]


def _memory_mb(process_id: int) -> float:
    """What a process holds now (proc_pid_status(5))."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{process_id}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024
