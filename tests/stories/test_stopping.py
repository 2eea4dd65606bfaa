"""A worker that is told to stop hears out what it has said: nothing becomes uncertain because somebody deployed."""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.clock import DatabaseClock
from app.core.jobs import NoQueue
from app.flows.plan import plan
from tests.practice import simulator
from tests.world import center_on

pytestmark = pytest.mark.alone

POSTS = 50
ANSWER_S = 7.0
"""Longer than `muster up` waits for anything but posts under way."""
ENDS_S = 35.0
API_ENDS_S = 5.0


async def _launch(api: httpx.AsyncClient, base: str, groups: int) -> str:
    """A campaign to so many robots, who know no key."""
    rows = [f"R{number},wecom,{base}/cgi-bin/webhook/send?key=robot-{number:06}" for number in range(groups)]
    files = {"file": ("groups.csv", "\n".join(["group,platform,address", *rows]).encode(), "text/csv")}
    assert (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).json()["create"] == groups
    body = {"title": "Storm", "body": "Stay in.", "relay_minutes": 30, "pacing": {"min_gap_s": 0, "max_gap_s": 0}}
    made = await api.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "stop"})
    campaign = str(made.json()["id"])
    assert (await api.post(f"/api/v1/campaigns/{campaign}/launch")).status_code == 202
    return campaign


async def _under_way(sim: httpx.AsyncClient, count: int) -> None:
    """Wait until the platform has heard so many posts; it has answered none."""
    for _ in range(400):
        if len((await sim.get("/_sim/receipts")).json()["items"]) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"fewer than {count} posts in 20 s")


async def _once_each(sim: httpx.AsyncClient, count: int) -> None:
    receipts = (await sim.get("/_sim/receipts")).json()["items"]
    stands = Counter(one["target"] for one in receipts if one["accepted"])
    assert (len(stands), set(stands.values())) == (count, {1})


def _environment(**settings: str) -> dict[str, str]:
    return {**os.environ, "MUSTER_LOG_LEVEL": "ERROR", **{f"MUSTER_{name}": value for name, value in settings.items()}}


async def test_a_worker_told_to_stop_with_fifty_posts_under_way_hears_them_out(
    database_url: str, tmp_path: Path
) -> None:
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=NoQueue()) as (kit, api, sim):
        await sim.post("/_sim/faults", json={"kind": "slow", "times": None, "delay_s": ANSWER_S})
        campaign = await _launch(api, str(sim.base_url).rstrip("/"), POSTS)
        await plan(kit, campaign)
        settings = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "WORKER_CONCURRENCY": str(POSTS * 2)}
        environment = _environment(**settings, ALLOWED_HOSTS=f"127.0.0.1:{sim.base_url.port}")
        worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment)
        try:
            await _under_way(sim, POSTS)
            worker.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(worker.wait(), ENDS_S) == 0
        finally:
            if worker.returncode is None:
                worker.kill()
        counts = (await api.get(f"/api/v1/campaigns/{campaign}")).json()["counts"]
        assert (counts["relayed"], counts["uncertain"]) == (POSTS, 0)
        await _once_each(sim, POSTS)


async def _up(folder: Path, host: str) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    """`muster up`, and what it said first."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from app.cli import main; main()", "up", "--json"),
        env=_environment(DATA_DIR=str(folder), PORT="0", ALLOWED_HOSTS=host),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    return process, json.loads(await asyncio.wait_for(process.stdout.readline(), 60))


async def _silent(address: str) -> None:
    """Wait until nobody listens there."""
    async with httpx.AsyncClient(base_url=address, timeout=1, trust_env=False) as client:
        while True:
            try:
                await client.get("/healthz")
            except httpx.ConnectError:
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(("orders", "ending"), [(1, "relayed"), (2, "posting")])
async def test_up_ends_its_api_at_once_and_hears_posts_out_unless_told_twice(
    tmp_path: Path, orders: int, ending: str
) -> None:
    async with simulator() as sim:
        await sim.post("/_sim/faults", json={"kind": "slow", "times": None, "delay_s": ANSWER_S})
        host = f"127.0.0.1:{sim.base_url.port}"
        process, told = await _up(tmp_path / "data", host)
        headers = {"Authorization": f"Bearer {told['key']}"}
        try:
            async with httpx.AsyncClient(base_url=told["address"], headers=headers, trust_env=False) as api:
                campaign = await _launch(api, f"http://{host}", 5)
            await _under_way(sim, 5)
            began = time.monotonic()
            for _ in range(orders):
                process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.2)
            await asyncio.wait_for(_silent(told["address"]), API_ENDS_S)
            assert await asyncio.wait_for(process.wait(), ENDS_S) == 0
            took = time.monotonic() - began
        finally:
            await _over(process)
        assert (took < API_ENDS_S) == (orders == 2)
        again, told = await _up(tmp_path / "data", host)
        try:
            async with httpx.AsyncClient(base_url=told["address"], headers=headers, trust_env=False) as api:
                assert (await api.get(f"/api/v1/campaigns/{campaign}")).json()["counts"][ending] == 5
        finally:
            again.terminate()
            await _over(again)
        await _once_each(sim, 5)


async def _over(process: asyncio.subprocess.Process) -> None:
    """See it to its end, one way or the other."""
    try:
        await asyncio.wait_for(process.communicate(), 10)
    except TimeoutError:
        process.kill()
        await process.communicate()
