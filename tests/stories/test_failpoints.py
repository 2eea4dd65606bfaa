"""A worker falls at every step between taking a delivery and writing its outcome down. What stands in the group and
what the ledger says must agree: never twice, never silently not, and unknown only where nobody can know."""

import asyncio
import signal
import time
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from app.core.clock import wall_clock
from app.domain.shards.rules import LEASE
from app.flows.plan import plan
from tests.failpoints.fallen import ended, environment, falling, go_on, stopped
from tests.world import World, world_on

ROBOT, HOOK = "wecom", "webhook"
SURFACED_S = 25 + 10
"""A delivery's lease, and ten seconds."""
SHARDS_FREE = LEASE + timedelta(seconds=1)

# What remains of a robot's post (no key) and of a webhook's (keyed): how often it stands, and what the ledger says.
NOT_SAID = {ROBOT: (0, "uncertain"), HOOK: (1, "relayed")}
SAID = {ROBOT: (1, "uncertain"), HOOK: (1, "relayed")}
UNHURT = {ROBOT: (1, "relayed"), HOOK: (1, "relayed")}
AFTERWARDS = {
    "before_claim": UNHURT,
    "claim_uncommitted": UNHURT,
    "claim_committed": NOT_SAID,
    "before_request": NOT_SAID,
    "after_answer": SAID,
    "before_record": SAID,
    "record_uncommitted": SAID,
    "record_committed": UNHURT,
}


async def _ready(world: World, platform: str) -> str:
    """A planned campaign to one group, which nobody works on yet."""
    address = world.wecom("robot-0001") if platform == ROBOT else world.webhook("hook-1")
    await world.groups({"group": "G", "platform": platform, "address": address})
    campaign = await world.draft()
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await plan(world.kit, campaign)
    return campaign


def _environment(world: World, database_url: str, folder: Path) -> dict[str, str]:
    return environment(database_url, folder, allowed_hosts=",".join(world.kit.settings.allowed_hosts))


async def _state(world: World, campaign: str) -> str:
    return str((await world.relays(campaign))["G"]["state"])


async def _settled(world: World, campaign: str) -> str:
    """Another worker takes over when the shards are free, and time passes until the relay rests; answers where."""
    world.clock.advance(wall_clock() - world.clock.now() + SHARDS_FREE)
    for _ in range(SURFACED_S - SHARDS_FREE.seconds):
        if (state := await _state(world, campaign)) not in {"planned", "posting"}:
            return state
        await world.forward(seconds=1)
    raise AssertionError(f"still {state} after {SURFACED_S} s")


@pytest.mark.parametrize("platform", [ROBOT, HOOK])
@pytest.mark.parametrize("point", AFTERWARDS)
async def test_a_worker_killed_at_any_step(database_url: str, tmp_path: Path, point: str, platform: str) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _ready(world, platform)
        async with falling(_environment(world, database_url, tmp_path), point) as process:
            assert await ended(process) == -signal.SIGKILL
        state = await _settled(world, campaign)
        await world.forward(minutes=2)
        stands, expected = AFTERWARDS[point][platform]
        assert (len(await world.received()), state) == (stands, expected)
        assert await _state(world, campaign) == expected


@pytest.mark.parametrize("platform", [ROBOT, HOOK])
async def test_a_worker_killed_while_it_waits_for_the_answer(database_url: str, tmp_path: Path, platform: str) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _ready(world, platform)
        await world.sim.post("/_sim/faults", json={"kind": "slow", "delay_s": 3})
        async with falling(_environment(world, database_url, tmp_path), "before_request", 10**9) as process:
            await asyncio.wait_for(_heard(world), 20)
            process.kill()
            assert await ended(process) == -signal.SIGKILL
        stands, expected = SAID[platform]
        assert (await _settled(world, campaign), len(await world.received())) == (expected, stands)


@pytest.mark.parametrize("platform", [ROBOT, HOOK])
@pytest.mark.parametrize("point", ["claim_uncommitted", "claim_committed", "record_uncommitted", "record_committed"])
async def test_a_database_that_is_lost_before_or_after_a_commit(
    database_url: str, tmp_path: Path, point: str, platform: str
) -> None:
    """The worker lives on, and does not know whether its COMMIT came through."""
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _ready(world, platform)
        async with falling(_environment(world, database_url, tmp_path), point, 1, "lose") as process:
            rest = {"relayed"}
            await asyncio.wait_for(_reached(world, campaign, rest), 20)
            process.terminate()
            assert await ended(process) == 0
        stands, expected = UNHURT[platform]
        assert (await _settled(world, campaign), len(await world.received())) == (expected, stands)
        assert len(await world.received(standing=False)) == stands, "it was said again"


async def _heard(world: World) -> None:
    """Wait until the platform was spoken to."""
    while not await world.received():
        await asyncio.to_thread(time.sleep, 0.02)


async def _reached(world: World, campaign: str, states: set[str]) -> None:
    """Wait for the worker, in real time."""
    while await _state(world, campaign) not in states:
        await asyncio.to_thread(time.sleep, 0.05)


async def _lives_again(world: World, process: ForkServerProcess, campaign: str) -> str:
    """The stopped worker goes on, and its successor with it, until the relay rests."""
    go_on(process)
    await asyncio.sleep(1)
    process.terminate()
    assert await ended(process) == 0
    await world.forward(seconds=10, step=1)
    return await _state(world, campaign)


async def test_a_worker_that_slept_past_its_lease_with_an_answer_in_hand_settles_what_was_uncertain(
    database_url: str, tmp_path: Path
) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _ready(world, ROBOT)
        async with falling(_environment(world, database_url, tmp_path), "after_answer", 1, "stop") as process:
            await stopped(process)
            assert await _settled(world, campaign) == "uncertain"
            assert await _lives_again(world, process, campaign) == "relayed"
        assert len(await world.received(standing=False)) == 1


async def test_a_worker_that_slept_past_its_lease_before_it_spoke_does_not_speak(
    database_url: str, tmp_path: Path
) -> None:
    """Meanwhile a human looked, saw nothing, said so, and another worker posted it."""
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _ready(world, ROBOT)
        async with falling(_environment(world, database_url, tmp_path), "claim_committed", 1, "stop") as process:
            await stopped(process)
            assert await _settled(world, campaign) == "uncertain"
            [one] = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
            await world.call("POST", f"/deliveries/{one['id']}/resolve", json={"outcome": "not_sent", "note": "looked"})
            await world.forward(seconds=2, step=1)
            assert (await _state(world, campaign), len(await world.received())) == ("relayed", 1)
            assert await _lives_again(world, process, campaign) == "relayed"
        assert len(await world.received()) == 1, "it spoke although its lease had run out"
