"""A worker falls at every step between taking a delivery and writing its outcome down. What stands in the group and
what the ledger says must agree: never twice, never silently not, and unknown only where nobody can know."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.clock import wall_clock
from app.domain.shards.rules import LEASE
from app.flows.plan import plan
from tests.failpoints.fallen import ended, environment, falling
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
    world.clock.advance(SHARDS_FREE)
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
