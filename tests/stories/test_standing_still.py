"""A worker stands still between taking a delivery and saying it, or with its answer in hand: a stop that came meanwhile
holds, and nothing is said twice."""

import asyncio
import time
from pathlib import Path

import pytest

from app.core.clock import wall_clock
from app.flows.plan import plan
from tests.failpoints.fallen import ended, environment, falling, go_on, stopped
from tests.world import World, world_on


async def _ready(world: World) -> str:
    """A planned campaign to one robot, who knows no key."""
    await world.groups({"group": "G", "platform": "wecom", "address": world.wecom("robot-0001")})
    campaign = await world.draft()
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await plan(world.kit, campaign)
    return campaign


def _environment(world: World, database_url: str, folder: Path) -> dict[str, str]:
    return environment(database_url, folder, allowed_hosts=",".join(world.kit.settings.allowed_hosts))


async def _reached(world: World, campaign: str, state: str) -> None:
    """Wait for the worker, in real time."""
    async with asyncio.timeout(20):
        while (await world.relays(campaign))["G"]["state"] != state:
            await asyncio.to_thread(time.sleep, 0.05)


@pytest.mark.parametrize(("stop", "go_again"), [("campaigns/{}/pause", "campaigns/{}/resume"), ("stop", "start")])
async def test_a_worker_that_dozed_after_its_claim_does_not_speak_behind_a_stop(
    database_url: str, tmp_path: Path, stop: str, go_again: str
) -> None:
    """Its lease still holds. What it did not begin goes back to wait, at no cost."""
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _ready(world)
        async with falling(_environment(world, database_url, tmp_path), "claim_committed", 1, "doze") as process:
            await stopped(process)
            await world.call("POST", f"/{stop.format(campaign)}")
            go_on(process)
            await _reached(world, campaign, "planned")
            await asyncio.sleep(1)
            assert await world.received(standing=False) == []
            await world.call("POST", f"/{go_again.format(campaign)}")
            await _reached(world, campaign, "relayed")
            process.terminate()
            assert await ended(process) == 0
        assert len(await world.received(standing=False)) == 1


@pytest.mark.parametrize("point", ["claim_committed", "after_answer", "before_record"])
async def test_a_worker_whose_loop_stood_still_past_its_lease_says_nothing_twice(
    database_url: str, tmp_path: Path, point: str
) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _ready(world)
        async with falling(_environment(world, database_url, tmp_path), point, 1, "block") as process:
            await _reached(world, campaign, "relayed")
            process.terminate()
            assert await ended(process) == 0
        assert len(await world.received(standing=False)) == 1
