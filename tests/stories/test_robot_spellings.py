"""One robot is one group, in whatever spelling its address comes; those that stand from before are found, too."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import select

from alembic import command
from app.core.settings import ROOT
from app.domain.access.tables import Center
from app.domain.deliveries import store as deliveries
from app.domain.directory.tables import Group
from tests.conftest import T0, migrate
from tests.world import World, world_on

TEXT = "Please stay indoors until 18:00."
ROBOTS = {
    "wecom": ("{}/cgi-bin/webhook/send?key=robot-0001", "robot-0001"),
    "dingtalk": ("{}/robot/send?access_token=robot-0001", "robot-0001"),
    "feishu": ("{}/open-apis/bot/v2/hook/robot-0001", "robot-0001"),
    "discord": ("{}/api/webhooks/1234567/tok_tok", "{}/api/v10/webhooks/1234567/tok_tok?wait=true"),
}
BEFORE = "bg20261129b01"


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """At ten past, for Feishu is left alone at the full hour."""
    async with world_on(database_url, tmp_path, T0.replace(minute=10)) as opened:
        yield opened


async def _robots(world: World, platform: str) -> tuple[dict[str, str], ...]:
    """A row for each spelling of one robot."""
    await world.account(platform, platform, base_url=world.platform)
    spellings = [one.format(world.platform) for one in ROBOTS[platform]]
    rows = ({"group": "one", "platform": platform, "address": one, "routes": "bot"} for one in spellings)
    return tuple(row if row["address"].startswith("http") else {**row, "account": platform} for row in rows)


async def _imported(world: World, row: dict[str, str]) -> Any:
    await world.groups(row)
    return (await world.call("GET", "/groups"))["items"]


@pytest.mark.parametrize("platform", ROBOTS)
async def test_one_robot_in_two_spellings_is_posted_to_once(world: World, platform: str) -> None:
    for row in await _robots(world, platform):
        assert len(await _imported(world, row)) == 1
    await world.launch()
    await world.forward(seconds=20, step=1)
    assert len(await world.posts(TEXT)) == 1


async def test_a_bare_token_of_feishu_s_needs_no_account_to_be_named(world: World) -> None:
    _, bare = await _robots(world, "feishu")
    assert len(await _imported(world, {**bare, "account": ""})) == 1


async def _by_the_older_rule(world: World, group: str, address: bytes = b"its address, as it was written") -> str:
    """Give a group, and what was posted into it, a key as its address had before one robot was one address."""
    key = hashlib.sha256(address).hexdigest()
    async with world.kit.db.write() as tx:
        for statement in (
            "UPDATE chat_group SET address_key = :key WHERE id = :id",
            "UPDATE campaign_group SET address_key = :key WHERE group_id = :id",
            "UPDATE delivery SET chat = 'discord:' || :key WHERE group_id = :id",
        ):
            await tx.run(text(statement), {"key": key, "id": group})
    return key


def _anew(url: str) -> None:
    """The step that recomputes the keys, taken now."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.downgrade(config, BEFORE)
    migrate(url)


async def test_a_group_that_stood_before_is_found_by_the_other_spelling_and_taken_back_from(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, longer = await _robots(world, "discord")
    [group] = await _imported(world, longer)
    campaign = await world.launch()
    assert len(await world.posts(TEXT)) == 1
    await _by_the_older_rule(world, group["id"])
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path))
    await asyncio.to_thread(_anew, database_url)
    assert len(await _imported(world, usual)) == 1
    await world.call("POST", f"/campaigns/{campaign}/recall", status=202, json={})
    await world.forward(seconds=30, step=5)
    assert [act for act, _, _ in await world.changes()] == ["taken_back"]


async def test_two_groups_that_turn_out_to_be_one_robot_stay_two(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator chooses; the one that has the key keeps it."""
    usual, longer = await _robots(world, "discord")
    [first] = await _imported(world, longer)
    key = await _by_the_older_rule(world, first["id"])
    await _imported(world, {**usual, "group": "two"})
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path))
    await asyncio.to_thread(_anew, database_url)
    async with world.kit.db.read() as tx:
        rows = await tx.table(text("SELECT name, address_key FROM chat_group ORDER BY id"))
    assert [row.name for row in rows] == ["one", "two"]
    assert [row.address_key == key for row in rows] == [True, False]


async def _again_elsewhere(world: World, group: str) -> str:
    """Another center's group, which is the same robot."""
    found, center = f"{group}_elsewhere", "cen_elsewhere"
    async with world.kit.db.write() as tx:
        [row] = await tx.all(select(Group))
        box = world.kit.vault.seal(found, world.kit.vault.open(group, row.secret_box or ""))
        await tx.add(Center(id=center, name="elsewhere", created_at=tx.now))
        other = {"id": found, "center_id": center, "account_id": None, "secret_box": box}
        await tx.insert(Group, [{**row.model_dump(), **other}])
    return found


async def test_waits_of_two_older_spellings_do_not_stop_the_step(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two centers have one robot; one of its waits is carried on, the other one ends by itself."""
    [group] = await _imported(world, (await _robots(world, "discord"))[1])
    other = await _again_elsewhere(world, group["id"])
    keys = [await _by_the_older_rule(world, group["id"]), await _by_the_older_rule(world, other, b"and another way")]
    async with world.kit.db.write() as tx:
        for key in keys:
            await deliveries.close_gate(tx, f"discord:{key}", reason="429", until=tx.now + timedelta(hours=1))
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path))
    await asyncio.to_thread(_anew, database_url)
    async with world.kit.db.read() as tx:
        [key] = {row.address_key for row in await tx.table(text("SELECT address_key FROM chat_group"))}
        gates = {row.subject for row in await tx.table(text("SELECT subject FROM gate"))}
    assert key not in keys
    assert (f"discord:{key}" in gates, len(gates)) == (True, 2)
