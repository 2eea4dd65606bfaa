"""Whom a correction reaches: every group that the first campaign was for and that nobody has decided about since."""

import signal
from pathlib import Path
from typing import Any

import pytest

from app.core.clock import wall_clock
from app.flows.plan import BATCH
from tests.failpoints.fallen import ended, environment, falling
from tests.world import World, world_on

OLD, NEW = "Please stay indoors until 18:00.", "Please stay indoors until 20:00."


@pytest.fixture
async def center(world: World) -> World:
    """Two Telegram groups and one of Wang's."""
    await world.account("bot")
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}"} for n in range(2)),
        {"group": "W", "leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"},
    )
    return world


async def correct(world: World, campaign: str, status: int = 202, *, key: str = "right", **body: Any) -> Any:
    headers = {"Idempotency-Key": key}
    said = {"body": NEW, **body}
    return await world.call("POST", f"/campaigns/{campaign}/correct", status=status, json=said, headers=headers)


async def test_a_campaign_that_is_not_planned_yet_is_corrected_everywhere(center: World) -> None:
    first = await center.draft()
    await center.call("POST", f"/campaigns/{first}/launch", status=202)
    made = await correct(center, first)
    await center.forward(seconds=30, step=5)
    assert (await center.posts(OLD), await center.posts(NEW)) == ([], ["-1000", "-1001"])
    states = {name: relay["state"] for name, relay in (await center.relays(made["id"])).items()}
    assert states == {"T0": "relayed", "T1": "relayed", "W": "assigned"}


@pytest.mark.timeout(120)
async def test_a_campaign_that_is_half_planned_is_corrected_everywhere(database_url: str, tmp_path: Path) -> None:
    """Its planner falls behind the first batch. All groups are a leader's: there is nothing to wait for."""
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        wang = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
        await world.groups(*({"group": f"G{n}", **wang} for n in range(BATCH + 5)))
        first = await world.draft()
        await world.call("POST", f"/campaigns/{first}/launch", status=202)
        async with falling(environment(database_url, tmp_path), "plan_committed") as process:
            assert await ended(process) == -signal.SIGKILL
        assert (await world.campaign(first))["groups"] == BATCH
        made = await correct(world, first)
        await world.work()
        seen = await world.campaign(made["id"])
        assert (seen["groups"], seen["counts"]["assigned"]) == (BATCH + 5, BATCH + 5)
