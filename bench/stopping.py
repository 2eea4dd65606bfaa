"""Stops at size: pause, kill switch and cancel while a worker process drains; and what that worker holds in memory."""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from app.flows import control
from bench.cast import CONCURRENCY, groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure, timed


@asynccontextmanager
async def workers(url: str, folder: Path, host: str, count: int) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """So many worker processes on this database."""
    settings = {
        "MUSTER_DATABASE_URL": url,
        "MUSTER_DATA_DIR": str(folder),
        "MUSTER_ALLOWED_HOSTS": host,
        "MUSTER_WORKER_CONCURRENCY": str(CONCURRENCY),
        "MUSTER_LOG_LEVEL": "ERROR",
    }
    environment = {**os.environ, **settings}
    started = [await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment)]
    started += [
        await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment) for _ in range(count - 1)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            await process.wait()


async def seen(host: str) -> tuple[int, float]:
    """How many posts the receiver has, and when the last one came."""
    async with httpx.AsyncClient(trust_env=False) as client:
        found = (await client.get(f"http://{host}/seen")).json()
    return found["received"], found["last"]


async def _stopped(host: str, stop: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Stop in mid-drain: how long the call took, and how long after it the last post came (0 if none did)."""
    before, _ = await seen(host)
    while True:
        now, _ = await seen(host)
        if now >= before + 200:
            break
        await asyncio.sleep(0.02)
    with timed() as watch:
        await stop()
    returned = time.monotonic()
    await asyncio.sleep(2.5)
    _, last = await seen(host)
    return watch.seconds * 1000, max(0.0, last - returned)


async def scene(url: str, count: int) -> list[Figure]:
    figures = []
    async with receiver() as host, kit_on(url, host) as kit:
        caller = await people(kit)
        await groups(kit, caller, count, host=host)
        campaign = await launched(kit, caller, "stopped")
        async with workers(url, kit.settings.data_dir, host, 1) as [worker]:
            for name, stop, go_on in (
                ("pause", lambda: control.pause(kit, caller, campaign.id), control.resume),
                ("kill switch", lambda: control.stop(kit, caller), None),
                ("cancel", lambda: control.cancel(kit, caller, campaign.id), None),
            ):
                took, after = await _stopped(host, stop)
                what = f"{kind(url)}: {name} with {count:,} pending"
                figures.append(Figure(f"{what}, the call", took, "ms", None, "≤ 100 ms", took <= 100))
                figures.append(Figure(f"{what}, last post after it", after, "s", None, "≤ 2 s", after <= 2))
                if go_on:
                    await go_on(kit, caller, campaign.id)
                else:
                    await control.start(kit, caller)
            held = _peak_mb(worker.pid)
    what = f"{kind(url)}: memory of a worker with {count:,} pending"
    return [*figures, Figure(what, held, "MB", None, "≤ 200 MB", held <= 200)]


def _peak_mb(process: int) -> float:
    """The most memory this process has held so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0
