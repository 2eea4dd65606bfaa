"""The confirm endpoint beside a bare FastAPI POST: two real servers, one after the other. Every leader has his own link
and one group, as when ten thousand press after one announcement."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from os import cpu_count

import httpx

from app.core import garbage
from bench.cast import kind, kit_on
from bench.measure import TOLD, Figure, process_s, timed
from tests.builders.crowd import crowd
from tests.serving import serving

CALLERS = 32
WARM = 200
CLOSED = 3_000
RUSH = 10_000
RATES = (1_000, 500, 250, 125)
SECONDS = 2
DONE = {"action": "done"}
ENOUGH_MS = 20

Paths = Iterator[str]


async def _press(client: httpx.AsyncClient, path: str) -> float:
    """How long the answer took, in seconds. As a browser does, it asks once more where the server had just closed a
    line that was at rest."""
    began = time.perf_counter()
    try:
        answer = await client.post(path, json=DONE)
    except httpx.TransportError:
        answer = await client.post(path, json=DONE)
    answer.raise_for_status()
    return time.perf_counter() - began


async def _closed(client: httpx.AsyncClient, paths: Paths, count: int) -> float:
    """Requests a second with so many callers that wait for their answers."""
    numbers = iter(range(count))

    async def loop() -> None:
        for _ in numbers:
            await _press(client, next(paths))

    with timed() as watch:
        await asyncio.gather(*(loop() for _ in range(CALLERS)))
    return count / watch.seconds


def _p99_ms(took: list[float]) -> float:
    return 1000 * sorted(took)[int(len(took) * 0.99)]


async def _steady(client: httpx.AsyncClient, paths: Paths, rate: int) -> float:
    """The 99th percentile of the answer times if requests come at this rate whether or not others are answered."""
    async with asyncio.TaskGroup() as tasks:
        began = time.perf_counter()
        running = []
        for number in range(rate * SECONDS):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            running.append(tasks.create_task(_press(client, next(paths))))
    return _p99_ms([task.result() for task in running])


async def _rush(client: httpx.AsyncClient, paths: Paths) -> tuple[float, float]:
    """Everybody in the same moment: (seconds until the last is answered, 99th percentile in ms)."""
    with timed() as watch:
        took = await asyncio.gather(*(_press(client, next(paths)) for _ in range(RUSH)))
    return watch.seconds, _p99_ms(list(took))


def _bare() -> Paths:
    while True:
        yield "/relays/x"


@dataclass(frozen=True)
class Measured:
    """`closed`: requests a second of callers who wait for their answers, and what each cost the server, with so many
    cores at work. `p99`: milliseconds, by requests a second. The rush: seconds until the last was answered."""

    closed: float
    each_us: float
    cores: float
    p99: dict[int, float]
    rush_s: float
    rush_p99_ms: float


async def _measured(module: str, url: str, paths: Paths) -> Measured:
    async with serving(module, url, connections=RUSH, timeout_s=600) as (client, server):
        await _closed(client, paths, WARM)
        before = process_s(server.pid)
        with timed() as watch:
            closed = await _closed(client, paths, CLOSED)
        each_us = (process_s(server.pid) - before) / CLOSED * 1e6
        steady = {rate: await _steady(client, paths, rate) for rate in RATES}
        return Measured(closed, each_us, watch.cores, steady, *await _rush(client, paths))


async def scene(url: str, _count: int) -> list[Figure]:
    async with kit_on(url, "127.0.0.1") as kit:
        presses = await crowd(kit.db, WARM + CLOSED + sum(RATES) * SECONDS + RUSH)
    garbage.spare_what_stands()  # what asks does not stop for its own memory
    bare = await _measured("bench.bare", url, _bare())
    ours = await _measured("app.main", url, iter([press.path for press in presses]))
    name, enough = f"{kind(url)}: confirm", 0.4 * bare.closed
    fast = [rate for rate in RATES if ours.p99[rate] <= ENOUGH_MS]
    carried, floor = max(fast, default=0), max((one for one in RATES if bare.p99[one] <= ENOUGH_MS), default=0)
    goal, asked, at_once = f"≤ {ENOUGH_MS} ms", "requests/s", f"{name}, {RUSH:,} at once"
    return [
        Figure(
            f"{name}, {CALLERS} callers", ours.closed, asked, bare.closed, "≥ 0.4 of a bare POST", ours.closed >= enough
        ),
        Figure(f"{name}, the server's processor for each", ours.each_us, "µs", bare.each_us, TOLD, met=True),
        Figure(f"{name}, cores of the machine at work", ours.cores, f"of {cpu_count()}", bare.cores, TOLD, met=True),
        *(Figure(f"{name}, p99 at {one:,}/s", ours.p99[one], "ms", bare.p99[one], goal, one in fast) for one in RATES),
        Figure(f"{name}, most with p99 ≤ {ENOUGH_MS} ms", carried, asked, floor, goal, carried == RATES[0]),
        Figure(f"{at_once}, all answered", RUSH / ours.rush_s, asked, RUSH / bare.rush_s, "no 5xx", met=True),
        Figure(f"{at_once}, p99", ours.rush_p99_ms, "ms", bare.rush_p99_ms, "no 5xx", met=True),
    ]
