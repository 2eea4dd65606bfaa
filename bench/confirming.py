"""The confirm endpoint beside a bare FastAPI POST: two real servers, one after the other."""

import asyncio
import itertools
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from httpx_aiohttp import AiohttpTransport
from sqlalchemy import update
from sqlmodel import col, select

from app.domain.directory.tables import Leader
from app.domain.links import service as links
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Relay
from app.flows.kit import Kit
from bench.cast import groups, kind, kit_on, launched, people
from bench.measure import Figure, timed
from tests.servers import free_port

RELAYS = 5_000
AT_ONCE = 32
OFFERED = 1_000
SECONDS = 2
DONE = {"action": "done"}


@asynccontextmanager
async def serving(module: str, url: str) -> AsyncIterator[httpx.AsyncClient]:
    """This module's server in a process of its own, and a client that speaks to it."""
    port = free_port()
    settings = {"MUSTER_DATABASE_URL": url, "MUSTER_PORT": str(port), "MUSTER_LOG_LEVEL": "ERROR"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, env={**os.environ, **settings})
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=200))
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=60, trust_env=False)
    try:
        async with client:
            for _ in range(300):
                try:
                    await client.get("/healthz")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _asked(kit: Kit, count: int) -> tuple[str, list[str]]:
    """A leader with a link and so many groups that wait: (token, relay ids)."""
    caller = await people(kit)
    await groups(kit, caller, count, host=None)
    campaign = await launched(kit, caller, "confirmed")
    async with kit.db.write() as tx:
        [leader] = await tx.all(select(Leader).where(Leader.center_id == caller.center_id))
        mine = col(Relay.campaign_id) == campaign.id
        held = {"state": State.ASSIGNED, "route": Route.LEADER, "leader_id": leader.id, "assigned_at": tx.now}
        await tx.run(update(Relay).where(mine).values(**held))
        until = tx.now + timedelta(hours=1)
        who = {"center_id": caller.center_id, "campaign_id": campaign.id, "leader_id": leader.id}
        token = await links.mint(tx, **who, expires_at=until)
        relays = await tx.all(select(Relay.id).where(mine))
    return token.text, relays


Call = Callable[[], Awaitable[httpx.Response]]


async def _closed(call: Call, count: int) -> float:
    """Requests a second with so many callers that wait for their answers."""
    numbers = iter(range(count))

    async def loop() -> None:
        for _ in numbers:
            (await call()).raise_for_status()

    with timed() as watch:
        await asyncio.gather(*(loop() for _ in range(AT_ONCE)))
    return count / watch.seconds


async def _offered(call: Call, count: int) -> float:
    """The 99th percentile of the answer times, in milliseconds, if requests come whether or not others are answered."""
    took: list[float] = []

    async def one() -> None:
        began = time.perf_counter()
        (await call()).raise_for_status()
        took.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as tasks:
        began = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / OFFERED - time.perf_counter()))
            tasks.create_task(one())
    return 1000 * sorted(took)[int(count * 0.99)]


async def scene(url: str, _count: int) -> list[Figure]:
    async with kit_on(url, "127.0.0.1") as kit:
        token, relays = await _asked(kit, RELAYS)
    open_relays = itertools.cycle(relays)
    warm, closed, offered = 200, RELAYS - 200 - OFFERED * SECONDS, OFFERED * SECONDS
    async with serving("bench.bare", url) as client:
        await _closed(lambda: client.post("/relays/x", json=DONE), warm)
        bare = await _closed(lambda: client.post("/relays/x", json=DONE), closed)
        bare_p99 = await _offered(lambda: client.post("/relays/x", json=DONE), offered)
    async with serving("app.main", url) as client:

        def confirm() -> Awaitable[httpx.Response]:
            return client.post(f"/hooks/ack/{token}/relays/{next(open_relays)}", json=DONE)

        await _closed(confirm, warm)
        rate = await _closed(confirm, closed)
        p99 = await _offered(confirm, offered)
    name = f"{kind(url)}: confirm endpoint"
    return [
        Figure(f"{name}, {AT_ONCE} callers", rate, "requests/s", bare, "≥ 0.4 of a bare POST", rate >= 0.4 * bare),
        Figure(f"{name}, p99 at {OFFERED:,}/s offered", p99, "ms", bare_p99, "≤ 20 ms", p99 <= 20),
    ]
