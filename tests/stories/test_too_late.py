"""What is too late is never sent: not after a platform's long wait, not by a worker that slept through the deadline."""

import asyncio
from pathlib import Path
from typing import Any

from app.core.clock import wall_clock
from app.flows.plan import plan
from tests.failpoints.fallen import ended, environment, falling, go_on, stopped
from tests.world import World, world_on

TEXT = "Please stay indoors until 18:00."


async def _delivery(world: World, campaign: str) -> Any:
    [one] = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    return one


async def test_a_wait_that_outlasts_the_deadline_ends_in_silence(world: World) -> None:
    await world.groups({"group": "G", "platform": "webhook", "address": world.webhook("hook-1")})
    await world.sim.post("/_sim/faults", json={"kind": "throttle", "retry_after": 600})
    campaign = await world.launch(relay_minutes=5)
    assert (await _delivery(world, campaign))["state"] == "due"
    await world.forward(minutes=4)
    assert (await _delivery(world, campaign))["state"] == "due"
    await world.forward(minutes=20)
    assert (await _delivery(world, campaign))["state"] == "expired"
    assert (await world.relays(campaign))["G"]["state"] == "missed"
    assert await world.posts(TEXT) == []
    assert len(await world.received(standing=False)) == 1


async def test_of_several_answers_only_what_was_provably_not_sent_is_said_again(world: World) -> None:
    """A robot that is busy is asked again; one that said yes, one that said no and one that fell silent are not."""
    names = {
        "said yes": None,
        "was throttled": "throttle",
        "fell silent": "drop_after_accept",
        "lost the line": "reset",
    }
    targets = {name: f"robot-{number:04}" for number, name in enumerate(names)}
    await world.groups(
        *({"group": name, "platform": "wecom", "address": world.wecom(key)} for name, key in targets.items()),
        {"group": "said no", "platform": "wecom", "address": world.wecom("robot-kicked")},
    )
    await world.sim.post("/_sim/targets", json={"platform": "wecom", "target": "robot-kicked", "state": "kicked"})
    for name, kind in names.items():
        if kind is not None:
            await world.sim.post("/_sim/faults", json={"target": targets[name], "kind": kind})
    campaign = await world.launch()
    await world.forward(minutes=45)
    calls = [one["target"] for one in await world.received(standing=False)]
    assert {name: calls.count(key) for name, key in targets.items()} == {
        "said yes": 1,
        "was throttled": 2,
        "fell silent": 1,
        "lost the line": 1,
    }
    assert calls.count("robot-kicked") == 1
    assert {name: relay["state"] for name, relay in (await world.relays(campaign)).items()} == {
        "said yes": "relayed",
        "was throttled": "relayed",
        "fell silent": "uncertain",
        "lost the line": "uncertain",
        "said no": "failed",
    }


async def test_a_worker_that_slept_through_the_deadline_takes_nothing(database_url: str, tmp_path: Path) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        await world.groups({"group": "G", "platform": "webhook", "address": world.webhook("hook-1")})
        campaign = await world.draft(relay_minutes=0.5)
        await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
        await plan(world.kit, campaign)
        hosts = ",".join(world.kit.settings.allowed_hosts)
        settings = environment(database_url, tmp_path, allowed_hosts=hosts)
        async with falling(settings, "before_claim", 1, "stop") as process:
            await stopped(process)
            go_on(process)
            await asyncio.sleep(2.5)
            process.terminate()
            assert await ended(process) == 0
        assert (await _delivery(world, campaign))["state"] == "expired"
        assert (await world.relays(campaign))["G"]["state"] == "missed"
        assert await world.received(standing=False) == []
