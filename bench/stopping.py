"""Stops at size: pause, kill switch and cancel while a worker process drains; and what that worker holds in memory."""

import asyncio
import json
import os
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from app.domain.access import service as access
from app.domain.access.states import Role
from bench.cast import CONCURRENCY, groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure, timed
from tests.serving import serving

ROUNDS = 5


@asynccontextmanager
async def workers(
    url: str, folder: Path, host: str, count: int, *, places: int = CONCURRENCY
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """So many worker processes on this database, each with so many posts under way at most."""
    settings = {
        "MUSTER_DATABASE_URL": url,
        "MUSTER_DATA_DIR": str(folder),
        "MUSTER_ALLOWED_HOSTS": host,
        "MUSTER_WORKER_CONCURRENCY": str(places),
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
            if process.returncode is None:
                process.terminate()
        for process in started:
            await process.wait()


class Seen(NamedTuple):
    """How many posts the receiver has, and when the first and the last one came, by the machine's monotonic clock."""

    received: int
    first: float
    last: float


async def seen(host: str) -> Seen:
    """What the receiver tells. Asked by hand: to make a client of httpx takes processor from what is timed."""
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(b"GET /seen HTTP/1.1\r\n\r\n")
    _, _, told = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return Seen(**json.loads(told))


async def _stopped(host: str, stop: Callable[[], Awaitable[httpx.Response]]) -> tuple[float, float]:
    """Stop in mid-drain: how long the call took, and how long after its answer the last post came (0 if none did)."""
    before = (await seen(host)).received
    while True:
        if (await seen(host)).received >= before + 200:
            break
        await asyncio.sleep(0.02)
    with timed() as watch:
        (await stop()).raise_for_status()
    returned = time.monotonic()
    await asyncio.sleep(2.5)
    return watch.seconds * 1000, max(0.0, (await seen(host)).last - returned) * 1000


async def scene(url: str, count: int) -> list[Figure]:
    async with receiver() as host, kit_on(url, host) as kit:
        caller = await people(kit)
        await groups(kit, caller, count, host=host)
        campaign = await launched(kit, caller, "stopped")
        async with kit.db.write() as tx:
            owner = await access.create_key(tx, caller.center_id, name="bench", role=Role.OWNER, actor="bench")
        stops = {
            "pause": (f"/campaigns/{campaign.id}/pause", f"/campaigns/{campaign.id}/resume"),
            "kill switch": ("/stop", "/start"),
            "cancel": (f"/campaigns/{campaign.id}/cancel", ""),
        }
        figures = []
        async with serving("app.main", url) as (api, _), workers(url, kit.settings.data_dir, host, 1) as [worker]:
            api.headers["Authorization"] = f"Bearer {owner.token}"
            for name, (stop, go_on) in stops.items():
                took, after = await _often(api, host, stop, go_on)
                what = f"{kind(url)}: {name} with {count:,} pending"
                figures.append(Figure(f"{what}, the call", took, "ms", None, "≤ 100 ms", took <= 100))
                figures.append(Figure(f"{what}, last post after it", after, "ms", None, "≤ 2 s", after <= 2000))
            held = _peak_mb(worker.pid)
    what = f"{kind(url)}: memory of a worker with {count:,} pending"
    return [*figures, Figure(what, held, "MB", None, "≤ 200 MB", held <= 200)]


async def _often(api: httpx.AsyncClient, host: str, stop: str, go_on: str) -> tuple[float, float]:
    """The median of the calls, and the longest time after any of them; once where nothing goes on after it."""
    found = []
    for _ in range(ROUNDS if go_on else 1):
        found.append(await _stopped(host, lambda: api.post(f"/api/v1{stop}")))
        if go_on:
            (await api.post(f"/api/v1{go_on}")).raise_for_status()
    return statistics.median(took for took, _ in found), max(after for _, after in found)


def _peak_mb(process: int) -> float:
    """The most memory this process has held so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0
