"""A worker that is told to stop, beside another: its lanes go on at once."""

import asyncio
from datetime import timedelta

from app.flows.drain import Drain
from app.flows.plan import plan
from tests.world import World


async def test_a_worker_that_stops_leaves_its_lanes_at_once_and_hears_out_what_it_said(world: World) -> None:
    await world.groups(
        {"group": "H", "platform": "webhook", "address": world.webhook("hook-h")},
        {"group": "I", "platform": "webhook", "address": world.webhook("hook-i")},
    )
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "slow", "times": 1, "delay_s": 4.0})
    one, other, stopping = world.drain, Drain(world.kit, "wrk_other"), asyncio.Event()
    first = await _planned(world, "H")
    running = asyncio.create_task(one.run(stopping))
    async with asyncio.timeout(60):
        await _under_way(world)
        stopping.set()
        second = await _planned(world, "I")
        while (await world.relays(second))["I"]["state"] != "relayed":
            world.clock.advance(timedelta(seconds=0.1))  # one post may still be under way, and limits count it
            await other.turn()
    assert not running.done(), "what it said last is not answered yet"
    await running
    assert (await world.relays(first))["H"]["state"] == "relayed"
    assert len(await world.received()) == 2


async def _under_way(world: World) -> None:
    """Wait until the platform has heard it."""
    for _ in range(1_000):
        if (await world.sim.get("/_sim/receipts")).json()["items"]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nothing was said in 20 s")


async def _planned(world: World, group: str) -> str:
    """A launched campaign to one group, which nobody has begun."""
    ids = {one["name"]: one["id"] for one in (await world.call("GET", "/groups"))["items"]}
    campaign = await world.draft(audience={"groups": [ids[group]]})
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await plan(world.kit, campaign)
    return campaign
