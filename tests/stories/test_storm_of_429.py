"""A platform that for a minute says nothing but "wait", in every way in which that is said: waited for, never counted
as a try, and everything is posted afterwards."""

import os
from itertools import pairwise

import pytest

from tests.world import World

EACH = 5
"""Groups on each of two platforms."""
STORM_S = 60
SAID = {
    "seconds": ({"retry_after": 7}, 7.0),
    "a fraction": ({"says": "2.5"}, 2.5),
    "a date": ({"says": "Mon, 02 Mar 2026 09:00:20 GMT"}, 1.0),
    "nothing": ({"says": ""}, 1.0),
    "negative": ({"says": "-3"}, 1.0),
    "a billion": ({"says": "1000000000"}, 3600.0),
    "no number": ({"says": "soon"}, 1.0),
}
"""What it says, and how many seconds are the least that is waited then."""
STORMS = list(SAID) if os.environ.get("STORMS") == "all" else ["seconds"]
"""`STORMS=all` for every way of saying it, second by second."""


@pytest.mark.parametrize("said", STORMS)
async def test_a_minute_of_nothing_but_429_costs_no_try_and_no_group(world: World, said: str) -> None:
    how, least_s = SAID[said]
    await world.account("bot")
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(EACH)),
        *({"group": f"W{n}", "platform": "wecom", "address": world.wecom(f"robot-{n:04}")} for n in range(EACH)),
    )
    await world.sim.post("/_sim/faults", json={"kind": "throttle", "times": None, **how})
    campaign = await world.launch(relay_minutes=180)
    await world.forward(seconds=STORM_S, step=4 if said == "seconds" else 1)
    counts = (await world.campaign(campaign))["counts"]
    assert (counts["planned"], counts["failed"], counts["uncertain"]) == (2 * EACH, 0, 0)
    asked = await world.received(standing=False)
    assert not [one for one in asked if one["accepted"]]
    again = 0
    for target in {one["target"] for one in asked}:
        moments = [one["at"] for one in asked if one["target"] == target]
        assert all(later - earlier >= least_s for earlier, later in pairwise(moments)), "asked again too early"
        again += len(moments) - 1
    assert again > 0 or least_s > STORM_S, "nobody asked a second time"
    await world.sim.delete("/_sim/faults")
    await world.forward(minutes=61 if least_s > STORM_S else 2, step=20)
    deliveries = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200}))["items"]
    assert [(one["state"], one["tries"]) for one in deliveries] == [("sent", 1)] * 2 * EACH
    assert len(await world.received()) == 2 * EACH
    assert await world.violations() == 0


async def test_two_chats_told_to_wait_within_a_second_are_the_whole_bot(world: World) -> None:
    """Telegram names no scope, and each call into a bot's penalty doubles it: those under way, and no more."""
    await world.account("bot", limits=[{"scope": "account", "count": 5, "per_seconds": 1}])
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(20))
    )
    fault = {"platform": "telegram", "kind": "throttle", "whole": True, "retry_after": 30}
    assert (await world.sim.post("/_sim/faults", json=fault)).is_success
    campaign = await world.launch(relay_minutes=180)
    await world.forward(seconds=20, step=0.5)
    asked = await world.received(standing=False)
    assert 2 <= len(asked) <= 5, f"{len(asked)} calls into a penalty of the whole bot"
    await world.forward(minutes=12, step=20)
    assert (await world.campaign(campaign))["counts"]["relayed"] == 20
    assert len(await world.received(standing=False)) == len(asked) + 20


async def test_two_chats_told_to_wait_one_after_the_other_are_two_chats(world: World) -> None:
    await world.account("bot", limits=[{"scope": "account", "count": 1, "per_seconds": 2}])
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(6))
    )
    fault = {"platform": "telegram", "kind": "throttle", "times": 2, "retry_after": 300}
    assert (await world.sim.post("/_sim/faults", json=fault)).is_success
    await world.launch(relay_minutes=180)
    await world.forward(seconds=20, step=1)
    assert len(await world.received()) == 4
