"""A storm: real workers post to many groups while something around them breaks, again and again."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

TEXT = "Please stay indoors until 18:00."


def environment(database_url: str, redis_url: str, folder: Path, sim: httpx.AsyncClient) -> dict[str, str]:
    """What a worker is told that may post to this practice platform."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")},
        "MUSTER_DATABASE_URL": database_url,
        "MUSTER_REDIS_URL": redis_url,
        "MUSTER_DATA_DIR": str(folder),
        "MUSTER_ALLOWED_HOSTS": f"127.0.0.1:{sim.base_url.port}",
        "MUSTER_LOG_LEVEL": "ERROR",
    }


@asynccontextmanager
async def workers_of(surroundings: dict[str, str], count: int) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    started = [await a_worker(surroundings) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def a_worker(surroundings: dict[str, str], *program: str) -> asyncio.subprocess.Process:
    """A worker process; `program` in place of `-m workers` where it is to be a peculiar one."""
    words = program or ("-m", "workers")
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, env=surroundings, stderr=asyncio.subprocess.PIPE
    )


async def imported(api: httpx.AsyncClient, sim: httpx.AsyncClient, groups: int) -> None:
    """So many groups: half of them robots, who know no key, half of them hooks, who do."""
    base = str(sim.base_url).rstrip("/")
    rows = ["group,platform,address"]
    for number in range(groups // 2):
        rows.append(f"R{number},wecom,{base}/cgi-bin/webhook/send?key=robot-{number:06}")
        rows.append(f"H{number},webhook,{base}/webhook/hook-{number}")
    files = {"file": ("groups.csv", "\n".join(rows).encode(), "text/csv")}
    report = (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).json()
    assert report["create"] == groups, report


async def launched(api: httpx.AsyncClient, *, gaps_s: tuple[float, float] = (0.02, 0.05)) -> str:
    pacing = {"min_gap_s": gaps_s[0], "max_gap_s": gaps_s[1]}
    body = {"title": "Storm", "body": TEXT, "relay_minutes": 30, "pacing": pacing}
    made = (await api.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "storm"})).json()
    answer = await api.post(f"/api/v1/campaigns/{made['id']}/launch")
    assert answer.status_code == 202, answer.text
    return str(made["id"])


async def heard(sim: httpx.AsyncClient, count: int) -> None:
    """Wait until the platform has been spoken to this often."""
    for _ in range(900):
        receipts = (await sim.get("/_sim/receipts")).json()["items"]
        if len(receipts) >= count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"only {len(receipts)} calls in 90 s")


async def over(api: httpx.AsyncClient, campaign: str, groups: int) -> dict[str, int]:
    """Wait until nothing waits or is under way."""
    for _ in range(600):
        answer = await api.get(f"/api/v1/campaigns/{campaign}")
        seen = answer.json() if answer.is_success else {"groups": 0, "counts": {}}
        if seen["groups"] == groups and not any(seen["counts"][state] for state in ("planned", "posting")):
            return dict(seen["counts"])
        await asyncio.sleep(0.3)
    raise AssertionError(f"still moving after 180 s: {seen['counts']}")
