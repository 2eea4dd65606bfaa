"""A backup is restored: what left since is in no ledger, and still no group gets anything twice."""

import asyncio
import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.core.db import Database
from app.core.marks import Folder, InRedis, Marks
from app.flows.drain import Drain
from app.flows.set_back import beat, look_back
from app.main import create_app
from tests.conftest import T0
from tests.world import World, world_on

GROUPS = 12
TEXT = "Please stay indoors until 18:00."
AGES = random.Random(34).sample(range(10, 110), int(os.environ.get("RESTORES", "3")))
"""After how many seconds the database is lost; the copy is ten seconds younger or more."""


@asynccontextmanager
async def marked_world(database_url: str, folder: Path, marks: Marks) -> AsyncIterator[World]:
    async with world_on(database_url, folder, T0) as world:
        world.kit = replace(world.kit, marks=marks)
        world.drain = Drain(world.kit, "wrk_before")
        first = world.kit.db
        try:
            yield world
        finally:
            if world.kit.db is not first:
                await world.kit.db.close()


async def copied(database_url: str, folder: Path, name: str) -> str:
    """The address of a copy of this database, which nobody is connected to, as it is at this moment."""
    if database_url.startswith("sqlite"):
        path = folder / f"{name}.db"
        source = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        with closing(source), closing(sqlite3.connect(path)) as target:
            source.backup(target)
        return f"sqlite:///{path}"
    base, _, original = database_url.rpartition("/")
    connection = await asyncpg.connect(f"{base}/postgres")
    await connection.execute(f"CREATE DATABASE {original}_{name} TEMPLATE {original}")
    await connection.close()
    return f"{base}/{original}_{name}"


async def go_on_with(world: World, url: str) -> None:
    """From now on this database is the truth, with a worker that has just started."""
    key = world.api.headers["Authorization"]
    await world.kit.db.close()
    world.kit = replace(world.kit, db=Database(url, clock=world.clock, queue=world.queue))
    transport = httpx.ASGITransport(create_app(kit=world.kit))
    world.api = httpx.AsyncClient(transport=transport, base_url="http://muster.test", headers={"Authorization": key})
    world.drain = Drain(world.kit, "wrk_after")


async def launched(world: World) -> str:
    await world.account("robots", "wecom")
    rows = [
        {"group": f"G{number}", "platform": "wecom", "address": world.wecom(f"robot-{number:06}")}
        for number in range(GROUPS)
    ]
    await world.groups(*[{**row, "account": "robots"} for row in rows])
    return await world.launch(body=TEXT, pacing={"min_gap_s": 8, "max_gap_s": 8})


async def held(world: World, campaign: str) -> dict[str, Any]:
    center = await world.call("GET", "/center")
    assert center["stopped_at"]
    relays = await world.relays(campaign)
    return {name: relay for name, relay in relays.items() if relay["state"] == "uncertain"}


async def settle_all(world: World, campaign: str) -> None:
    """The head looks into each group in doubt, and says what stands there."""
    standing = {one["target"] for one in await world.received()}
    found = await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain", "limit": 200})
    for one in found["items"]:
        number = int(one["group_name"].removeprefix("G"))
        outcome = "sent" if f"robot-{number:06}" in standing else "not_sent"
        await world.call("POST", f"/deliveries/{one['id']}/resolve", json={"outcome": outcome})


@pytest.mark.parametrize("age", AGES)
async def test_a_restored_backup_posts_nothing_before_a_human_has_looked(
    database_url: str, tmp_path: Path, age: int
) -> None:
    async with marked_world(database_url, tmp_path, Marks([Folder(tmp_path / "marks")])) as world:
        campaign = await launched(world)
        await world.forward(seconds=max(0, age - 40), step=5)
        await beat(world.kit)
        await world.kit.db.close()
        backup = await copied(database_url, tmp_path, "backup")
        for _ in range(3):
            await world.forward(seconds=10, step=5)
            await beat(world.kit)
        left = Counter([one["target"] for one in await world.received()])

        await go_on_with(world, backup)
        assert await look_back(world.kit)
        await world.forward(minutes=5)
        assert Counter([one["target"] for one in await world.received()]) == left
        doubtful = await held(world, campaign)
        assert doubtful
        assert all("was set back to" in relay["reason"] for relay in doubtful.values())
        assert not await look_back(world.kit)

        await settle_all(world, campaign)
        await world.call("POST", "/start")
        await world.forward(minutes=5)
        assert Counter([one["target"] for one in await world.received()]) == {
            f"robot-{number:06}": 1 for number in range(GROUPS)
        }
        assert {relay["state"] for relay in (await world.relays(campaign)).values()} == {"relayed"}


async def test_a_campaign_that_may_have_begun_waits_for_its_head(database_url: str, tmp_path: Path) -> None:
    async with marked_world(database_url, tmp_path, Marks([Folder(tmp_path / "marks")])) as world:
        await world.account("robots", "wecom")
        await world.groups(
            {"group": "G0", "platform": "wecom", "address": world.wecom("robot-000000"), "account": "robots"}
        )
        starts = (T0.replace(hour=9, minute=1)).isoformat()
        campaign = await world.draft(body=TEXT, send_at=starts)
        await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
        await beat(world.kit)
        await world.kit.db.close()
        backup = await copied(database_url, tmp_path, "backup")
        await world.forward(minutes=2, step=10)
        await beat(world.kit)
        assert await world.posts(TEXT) == ["robot-000000"]

        await go_on_with(world, backup)
        assert await look_back(world.kit)
        assert (await world.campaign(campaign))["control"] == "paused"
        await world.call("POST", "/start")
        await world.forward(minutes=2)
        assert await world.posts(TEXT) == ["robot-000000"]


async def test_the_mark_in_redis_is_as_good_and_what_is_rubbish_there_harms_nobody(
    database_url: str, tmp_path: Path, redis_url: str
) -> None:
    marks = Marks([InRedis(redis_url), InRedis("unix:///nowhere/redis.sock")])
    async with marked_world(database_url, tmp_path, marks) as world:
        await beat(world.kit)
        await world.kit.db.close()
        backup = await copied(database_url, tmp_path, "backup")
        await beat(world.kit)
        await beat(world.kit)
        assert not await look_back(world.kit)
        await go_on_with(world, backup)
        assert await look_back(world.kit)
        assert (await world.call("GET", "/center"))["stopped_at"]
    await marks.close()


async def test_two_keepers_in_turn_hold_nothing(database_url: str, tmp_path: Path) -> None:
    async with marked_world(database_url, tmp_path, Marks([Folder(tmp_path / "marks")])) as world:
        await asyncio.gather(*(beat(world.kit) for _ in range(20)))
        assert not await look_back(world.kit)
        assert (await world.call("GET", "/center"))["stopped_at"] is None
        shutil.rmtree(tmp_path / "marks")
        await beat(world.kit)
        (tmp_path / "marks").chmod(0o755)
        for path in (tmp_path / "marks").iterdir():
            path.write_text("[1")
        assert not await look_back(world.kit)
