"""Open boards: what a hundred of them cost the service, at rest and while leaders confirm."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import uvicorn
from sqlalchemy import update
from sqlmodel import col, select

from app.domain.access import service as access
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.directory.tables import Leader
from app.domain.links import service as links
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Relay
from app.flows.kit import Kit
from app.flows.watch import SETTLED
from app.main import create_app
from bench.cast import groups, kind, kit_on, launched, people
from bench.measure import Figure
from tests.servers import free_port

BOARDS = 100
SECONDS = 10


async def scene(url: str, count: int) -> list[Figure]:
    """The share of one core that this process takes, the boards' own ends of the lines among it."""
    async with kit_on(url, "127.0.0.1") as kit:
        caller = await people(kit)
        await groups(kit, caller, count, host=None)
        campaign = await launched(kit, caller, "watching")
        tokens = await _handed(kit, caller, campaign.id)
        async with served(kit) as address, _boards(kit, caller, address, campaign.id):
            await asyncio.sleep(2 * SETTLED.total_seconds())  # the launch is not news any more
            rest = await _share(_nothing())
            busy = await _share(_pressed(address, tokens))
    what = f"{kind(url)}: {BOARDS} open boards of {count:,} groups"
    return [
        Figure(f"{what}, at rest", rest, "% of a core", None, "≤ 5 %", rest <= 5),
        Figure(f"{what}, one Done a second", busy, "% of a core", None, "≤ 20 %", busy <= 20),
    ]


async def _handed(kit: Kit, caller: Caller, campaign_id: str) -> list[tuple[str, str]]:
    """A link and a relay for each press."""
    async with kit.db.write() as tx:
        leader = await tx.first(select(Leader.id).where(Leader.center_id == caller.center_id))
        moved = update(Relay).where(col(Relay.campaign_id) == campaign_id)
        await tx.run(moved.values(state=State.ASSIGNED, route=Route.LEADER, leader_id=leader, assigned_at=tx.now))
        found = await tx.all(select(Relay.id).where(Relay.campaign_id == campaign_id).limit(SECONDS))
        token = await links.mint(
            tx,
            center_id=caller.center_id,
            campaign_id=campaign_id,
            leader_id=str(leader),
            expires_at=tx.now + timedelta(hours=1),
        )
    return [(token.text, relay_id) for relay_id in found]


@asynccontextmanager
async def served(kit: Kit) -> AsyncIterator[str]:
    port = free_port()
    app = create_app(kit=kit)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    app.state.stopping.set()
    server.should_exit = True
    await serving


@asynccontextmanager
async def _boards(kit: Kit, caller: Caller, address: str, campaign_id: str) -> AsyncIterator[None]:
    """So many open streams; each begins where a page that was read just now would."""
    async with kit.db.write() as tx:
        key = await access.create_key(tx, caller.center_id, name="eyes", role=Role.VIEWER, actor="bench")
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        await client.post("/signin", data={"key": key.token})
        cookies = "; ".join(f"{name}={text}" for name, text in client.cookies.items())
    port = int(address.rpartition(":")[2])
    path = f"/campaigns/{campaign_id}/live?after={2**62}"
    told = [asyncio.Event() for _ in range(BOARDS)]
    looking = [asyncio.create_task(_look(port, path, cookies, each)) for each in told]
    await asyncio.gather(*(each.wait() for each in told))
    yield
    for each in looking:
        each.cancel()
    await asyncio.gather(*looking, return_exceptions=True)


async def _look(port: int, path: str, cookies: str, told: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookies}\r\n\r\n".encode())
    with contextlib.closing(writer):
        head = await reader.readline()
        assert b" 200 " in head, head
        while await reader.read(65_536):
            told.set()


async def _share(meanwhile: Awaitable[None]) -> float:
    began, used = time.perf_counter(), time.process_time()
    await meanwhile
    return (time.process_time() - used) / (time.perf_counter() - began) * 100


async def _nothing() -> None:
    await asyncio.sleep(SECONDS)


async def _pressed(address: str, tokens: list[tuple[str, str]]) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as phone:
        for token, relay_id in tokens:
            answer = await phone.post(f"/r/{token}/relays/{relay_id}", data={"action": "done"})
            assert answer.status_code == 303, answer.text
            await asyncio.sleep(1)
