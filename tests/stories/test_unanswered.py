"""Said with a key, and no answer came: whatever happens next, the words may stand, and the ledger says so."""

import pytest

from app.flows.drain import Drain
from tests.world import World

TEXT = "Please stay indoors until 18:00."


async def _unanswered(world: World, **draft: float) -> str:
    """A campaign of one group that took the words and did not say so."""
    await world.groups({"group": "H", "platform": "webhook", "address": world.webhook("hook-h")})
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept", "times": None})
    campaign = await world.launch(**draft)
    assert (await world.relays(campaign))["H"]["state"] == "planned"
    assert len(await world.received()) == 1
    return campaign


@pytest.mark.parametrize("end", ["cancelled", "too late", "gone"])
async def test_what_may_stand_is_never_called_cancelled_missed_or_failed(world: World, end: str) -> None:
    campaign = await _unanswered(world, **({"relay_minutes": 0.15} if end == "too late" else {}))
    if end == "cancelled":
        await world.call("POST", f"/campaigns/{campaign}/cancel")
    elif end == "gone":
        await world.sim.delete("/_sim/faults")
        await world.sim.post("/_sim/targets", json={"platform": "webhook", "target": "hook-h", "state": "deleted"})
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "uncertain"
    assert set(await world.missed(campaign)) == {"H"}
    assert len(await world.received()) == 1


async def test_a_yes_to_the_second_saying_is_the_end_of_it(world: World) -> None:
    campaign = await _unanswered(world)
    await world.sim.delete("/_sim/faults")
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "relayed"
    assert len(await world.received()) == 1


async def test_a_drain_that_holds_no_shard_rests(world: World) -> None:
    await world.work()  # the story's own drain holds them all
    assert await Drain(world.kit, "wrk_late").turn() > 0
    late = Drain(world.kit, "wrk_later")
    for _ in range(3):
        rest = await late.turn()
    assert rest > 0


async def test_when_the_platform_may_have_forgotten_the_key_it_is_not_said_again(world: World) -> None:
    campaign = await _unanswered(world, relay_minutes=3 * 24 * 60)
    await world.call("POST", "/stop")
    await world.sim.delete("/_sim/faults")
    await world.forward(minutes=25 * 60, step=3600)
    await world.call("POST", "/start")
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "uncertain"
    assert len(await world.received(standing=False)) == 1


async def test_a_key_is_new_when_the_words_are_first_said_however_long_they_waited(world: World) -> None:
    await world.groups({"group": "H", "platform": "webhook", "address": world.webhook("hook-h")})
    await world.call("POST", "/stop")
    campaign = await world.launch(relay_minutes=3 * 24 * 60)
    await world.forward(minutes=25 * 60, step=3600)
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept", "times": 1})
    await world.call("POST", "/start")
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "relayed"
    assert len(await world.received()) == 1
    assert len(await world.received(standing=False)) == 2
