"""Where a correction goes: in the place of the old words only where they are one message and nothing else may stand."""

import pytest

from tests.stories.test_correct_whom import NEW, correct
from tests.world import World

LI = "5002"
LONG = f"{'Stay in. ' * 400}\n\n{'School is closed. ' * 200}"


@pytest.fixture
async def both(world: World) -> World:
    """B may be posted to by a bot, and then by Li; L by Li, and then by a bot."""
    await world.account("bot")
    li = {"platform": "telegram", "leader": "李强", "leader_contact": f"telegram:{LI}"}
    await world.groups(
        {"group": "B", "address": "-1001", "routes": "bot;leader", **li},
        {"group": "L", "address": "-1002", "routes": "leader;bot", **li},
    )
    return world


@pytest.mark.parametrize("mode", ["auto", "edit"])
async def test_no_part_is_edited_while_another_may_stand(both: World, mode: str) -> None:
    await both.sim.post("/_sim/faults", json={"target": "-1001", "kind": "slow", "delay_s": 0})
    await both.sim.post("/_sim/faults", json={"target": "-1001", "kind": "drop_after_accept"})
    first = await both.launch(body=LONG)
    await both.forward(seconds=10, step=1)
    relay = (await both.relays(first))["B"]
    assert (relay["state"], "part 1 of 2 stands" in relay["reason"]) == ("uncertain", True)
    made = await correct(both, first, mode=mode)
    await both.forward(minutes=1, step=5)
    assert await both.changes() == []
    assert await both.posts(NEW) == (["-1001"] if mode == "auto" else [])
    relay = (await both.relays(made["id"]))["B"]
    assert (relay["state"], "cannot be edited" in relay["reason"]) == (
        ("relayed", False) if mode == "auto" else ("failed", True)
    )


async def test_no_part_is_edited_where_a_leader_posted_the_whole(both: World) -> None:
    """The account is the last resort, and between its parts Li does it after all; from then on it is the account's."""
    first = await both.launch(body=LONG, escalation={"steps": [{"at_percent": 100, "action": "bot"}]})
    await both.forward(seconds=5, step=1)
    link = await both.link(LI)
    await both.sim.post("/_sim/faults", json={"target": "-1002", "kind": "slow", "delay_s": 0})
    await both.sim.post("/_sim/faults", json={"target": "-1002", "kind": "throttle", "retry_after": 600})
    await both.forward(minutes=61)
    relay = (await both.relays(first))["L"]
    assert (relay["state"], "part 1 of 2" in relay["reason"]) == ("planned", True)
    await both.presses(link, "done", relay["id"])
    await both.call("PATCH", f"/groups/{relay['group_id']}", json={"routes": ["bot"]})
    await correct(both, first)
    await both.forward(minutes=15)
    assert (await both.changes(), await both.posts(NEW)) == ([], ["-1001", "-1002"])
