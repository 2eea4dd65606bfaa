"""The clock of a worker's machine is set wrong while it posts, by an hour, an hour back, ten years: nothing is early,
nothing is lost or said twice, and the worker goes on as if nothing had been."""

import asyncio
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.clock import DatabaseClock, wall_clock
from app.core.jobs import ArqQueue
from tests.stories.jumpy import seen_by
from tests.stories.storm import TEXT, a_worker, environment, heard, over
from tests.world import center_on

GROUPS = 10
LIMIT: dict[str, Any] = {"scope": "account", "count": 2, "per_seconds": 1}
JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=3653)]


async def _call(api: httpx.AsyncClient, path: str, body: dict[str, Any], status: int, **headers: str) -> Any:
    answer = await api.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def _launched(api: httpx.AsyncClient, text: str, **more: Any) -> str:
    pacing = {"min_gap_s": 0, "max_gap_s": 0}
    body = {"title": "Storm", "body": text, "relay_minutes": 30, "pacing": pacing, **more}
    made = await _call(api, "/campaigns", body, 201, **{"Idempotency-Key": text.replace(" ", "-")})
    await _call(api, f"/campaigns/{made['id']}/launch", {}, 202)
    return str(made["id"])


async def _ready(api: httpx.AsyncClient, sim: httpx.AsyncClient) -> None:
    secret = {"bot_token": "123456:practice-token-of-the-story"}
    account = {
        "name": "bot",
        "platform": "telegram",
        "secret": secret,
        "base_url": str(sim.base_url),
        "limits": [LIMIT],
    }
    await _call(api, "/accounts", account, 201)
    rows = ["group,platform,address,account", *(f"G{n},telegram,-100{n},bot" for n in range(GROUPS))]
    files = {"file": ("groups.csv", "\n".join(rows).encode(), "text/csv")}
    report = (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).json()
    assert report["create"] == GROUPS, report


def _jumps(file: Path, jump: timedelta) -> None:
    file.with_suffix(".new").write_text(str(jump.total_seconds()))
    file.with_suffix(".new").replace(file)


async def _seen(file: Path) -> None:
    """Wait until the worker has looked at the clock since it jumped."""
    off = _off(file)
    for _ in range(1000):
        if _last_seen(file) == off:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the worker looks at no clock")


def _off(file: Path) -> float:
    return float(file.read_text())


def _last_seen(file: Path) -> float | None:
    seen = seen_by(file).read_text() if seen_by(file).exists() else ""
    return float(seen) if seen else None


@pytest.mark.timeout(120)
async def test_a_machines_clock_that_jumps_moves_nothing(database_url: str, redis_url: str, tmp_path: Path) -> None:
    queue, clock = ArqQueue(redis_url), tmp_path / "clock.off"
    clock.write_text("0")
    on_sqlite = database_url.startswith("sqlite")
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue) as (_, api, sim):
        await _ready(api, sim)
        later = await _launched(api, "Later.", send_at=(wall_clock() + timedelta(minutes=50)).isoformat())
        campaign = await _launched(api, TEXT)
        surroundings = environment(database_url, redis_url, tmp_path, sim)
        worker = await a_worker(surroundings, "-m", "tests.stories.jumpy", str(clock))
        try:
            for number, jump in enumerate(JUMPS):
                await heard(sim, 2 + 3 * number)
                _jumps(clock, jump)
                if on_sqlite:  # a PostgreSQL has a clock of its own
                    await _seen(clock)
            counts = await over(api, campaign, GROUPS)
            waiting = (await api.get(f"/api/v1/campaigns/{later}")).json()["counts"]
            worker.send_signal(signal.SIGTERM)
            said = (await asyncio.wait_for(worker.communicate(), 30))[1].decode()
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
            await queue.close()
        receipts = (await sim.get("/_sim/receipts")).json()["items"]
    assert (worker.returncode, said) == (0, "")
    assert counts["relayed"] == waiting["planned"] == GROUPS
    assert set(Counter(one["target"] for one in receipts if one["text"] == TEXT).values()) == {1}
    assert len(receipts) == GROUPS, "nothing of what is to be said later was said"
    took_s = receipts[-1]["at"] - receipts[0]["at"]
    assert took_s >= GROUPS / LIMIT["count"] - 2, "two a second, but for what the first was late by"
    assert seen_by(clock).exists() == on_sqlite
