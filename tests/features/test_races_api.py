"""Commands that collide in the database are run again: nobody outside ever hears of a deadlock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.core.clock import DatabaseClock
from app.core.jobs import NoQueue
from app.domain.shards import store as shards
from app.flows.drain import Drain
from app.flows.kit import Kit
from app.flows.plan import plan
from app.flows.sweep import sweep
from tests.world import center_on

pytestmark = pytest.mark.alone

GROUPS = 60
House = tuple[Kit, httpx.AsyncClient, httpx.AsyncClient]


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=NoQueue()) as opened:
        async with opened[0].db.write() as tx:
            await shards.lay_out(tx)
        yield opened


async def _launched(house: House, groups: int) -> str:
    kit, api, sim = house
    rows = [f"H{number},webhook,{str(sim.base_url).rstrip('/')}/webhook/hook-{number}" for number in range(groups)]
    sheet = "\n".join(["group,platform,address", *rows]).encode()
    files = {"file": ("groups.csv", sheet, "text/csv")}
    assert (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).json()["create"] == groups
    body = {"title": "Storm", "body": "Stay in.", "relay_minutes": 30, "pacing": {"min_gap_s": 0.0, "max_gap_s": 0.02}}
    made = await api.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "storm"})
    campaign = str(made.json()["id"])
    assert (await api.post(f"/api/v1/campaigns/{campaign}/launch")).status_code == 202
    await plan(kit, campaign)
    return campaign


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_command_that_postgresql_sacrifices_is_run_again(house: House, database_url: str) -> None:
    """A real deadlock: the pause holds the campaign and wants its gate, another holds the gate and wants the
    campaign. The pause waited first, so PostgreSQL ends the pause."""
    _, api, _ = house
    campaign = await _launched(house, 1)
    other = await asyncpg.connect(database_url)
    async with other.transaction():
        stop = "INSERT INTO gate (subject, hold, reason, since) VALUES ($1, 'stop', 'held', now())"
        await other.execute(stop, campaign)
        pause = asyncio.create_task(api.post(f"/api/v1/campaigns/{campaign}/pause"))
        while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.wait({pause}, timeout=0.01)
        await other.execute("UPDATE campaign SET title = 'Calm' WHERE id = $1", campaign)
        assert not pause.done()
    answer = await pause
    assert (answer.status_code, answer.json()["control"], answer.json()["title"]) == (200, "paused", "Calm")
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    await asyncio.sleep(1.1)  # the server counts with a delay
    assert await other.fetchval(deadlocks) >= 1, "there was no deadlock"
    await other.close()


async def test_a_storm_of_pauses_sweeps_claims_and_records_shows_no_error(house: House) -> None:
    kit, api, sim = house
    campaign = await _launched(house, GROUPS)
    stopping = asyncio.Event()
    drain = Drain(kit, "wrk_storm")
    background = [
        asyncio.create_task(drain.run(stopping)),
        *(asyncio.create_task(_sweeping(kit, stopping)) for _ in range(2)),
    ]
    verbs = [f"campaigns/{campaign}/pause", f"campaigns/{campaign}/resume", "stop", "start"]
    async with asyncio.timeout(60):
        told = [
            one for many in await asyncio.gather(*(_telling(api, verbs, turn) for turn in range(4))) for one in many
        ]
        assert set(told) <= {200, 409}, Counter(told)
        assert min(Counter(told).values()) > 10
        await api.post("/api/v1/start")
        await api.post(f"/api/v1/campaigns/{campaign}/resume")
        while (await api.get(f"/api/v1/campaigns/{campaign}")).json()["status"] != "finished":
            await asyncio.wait(background, timeout=0.1)
    stopping.set()
    await asyncio.gather(*background)
    receipts = (await sim.get("/_sim/receipts")).json()["items"]
    assert Counter(one["target"] for one in receipts) == {f"hook-{number}": 1 for number in range(GROUPS)}


async def _sweeping(kit: Kit, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        await sweep(kit)
        await asyncio.sleep(0.01)


async def _telling(api: httpx.AsyncClient, verbs: list[str], turn: int) -> list[int]:
    """Sixty orders, each teller beginning with another."""
    return [(await api.post(f"/api/v1/{verbs[(turn + number) % 4]}")).status_code for number in range(60)]
