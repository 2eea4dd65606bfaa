"""A disk that is full: nothing is said that could not be written down first, the API says what is wrong, and when there
is room again everything goes on. SQLite is told how many pages it may have; PostgreSQL's database lies in a file system
that is full."""

import asyncio
import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.cli.disk import disk
from app.core.clock import wall_clock
from app.core.db import Database
from app.core.outages import is_outage
from app.core.refusals import refusal
from app.flows.plan import plan
from tests.conftest import TEMPLATE, WORKER
from tests.world import World, world_on

GROUPS = 150
SMALL_MB = 96


def _may_mount() -> bool:
    """Whether this machine lets us have a small file system of our own."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


Room = Callable[[Database, bool], Awaitable[None]]
"""Whether the database has room from now on."""


async def _pages(db: Database, room: bool) -> None:
    async with db.write() as tx:
        used = (await tx.run(text("PRAGMA page_count"))).scalar_one()
        assert (await tx.run(text("PRAGMA freelist_count"))).scalar_one() == 0
        await tx.run(text(f"PRAGMA max_page_count = {2**31 - 1 if room else used}"))


async def _on(base: str, *statements: str) -> None:
    connection = await asyncpg.connect(f"{base}postgres")
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    how = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_MB}m,mode=777", "tmpfs", str(folder)]
    subprocess.run(how, check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(2**16))
    assert shutil.disk_usage(path.parent).free < 2**16


@pytest.fixture
def on_postgres(postgres: str, small: Path) -> Iterator[tuple[str, Room]]:
    """A database in a file system that can be filled."""
    name, home = f"small_{WORKER}", small / "home"
    home.mkdir(mode=0o777)
    space = f"CREATE TABLESPACE {name} LOCATION '{home}'"
    asyncio.run(_on(postgres, space, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} TABLESPACE {name}"))

    async def room(_: Database, room: bool) -> None:
        filler = small / "filler"
        filler.unlink(missing_ok=True)
        if not room:
            await asyncio.to_thread(_fill, filler)

    yield f"{postgres}{name}", room
    (small / "filler").unlink(missing_ok=True)
    asyncio.run(_on(postgres, f"DROP DATABASE {name} WITH (FORCE)", f"DROP TABLESPACE {name}"))


@pytest.fixture(params=["sqlite", "postgres"] if _may_mount() else ["sqlite"])
def tight(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Room]:
    """The address of a database, and what gives and takes its room."""
    if request.param == "postgres":
        found: tuple[str, Room] = request.getfixturevalue("on_postgres")
        return found
    path = tmp_path / "muster.db"
    path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
    return f"sqlite:///{path}", _pages


async def _launched(world: World) -> str:
    rows = [{"group": f"G{n}", "platform": "wecom", "address": world.wecom(f"robot-{n:04}")} for n in range(GROUPS)]
    await world.groups(*rows)
    campaign = await world.draft()
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await plan(world.kit, campaign)
    return campaign


async def test_a_full_disk_stops_the_drain_before_it_speaks_and_the_api_says_503(
    tight: tuple[str, Room], tmp_path: Path
) -> None:
    database_url, room = tight
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _launched(world)
        await room(world.kit.db, False)
        refused = []
        for _ in range(3):
            try:
                await world.forward(seconds=5)
            except DBAPIError as error:
                refused.append((refusal(error), is_outage(error)))
        assert set(refused) == {("its disk is full", True)}
        said = len(await world.received(standing=False))
        counts = (await world.campaign(campaign))["counts"]
        assert counts["posting"] + counts["relayed"] >= said, "said, and not written down"
        assert counts["planned"] > 0
        body = {"title": "Flood", "body": secrets.token_hex(1900), "relay_minutes": 60}
        answer = await world.api.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "full"})
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        ready = (await world.api.get("/readyz")).json()
        assert (ready["status"], ready["database"]) == ("degraded", "refuses_writes")
        if world.kit.db.dialect == "postgresql":
            assert (await disk(world.kit.db, world.kit.settings)).state == "fail"
        await room(world.kit.db, True)
        await world.forward(seconds=40)
        assert (await world.campaign(campaign))["counts"]["relayed"] == GROUPS
        assert len(await world.received(standing=False)) == GROUPS
