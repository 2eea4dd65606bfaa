"""Where a correction goes: in the place of the old words only where they are one message and nothing else may stand,
and nowhere else where nothing else was asked for."""

from typing import Any

import pytest

from tests.stories.test_correct_whom import NEW, OLD, correct
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


async def test_what_cannot_be_edited_is_no_leaders_where_nothing_else_was_asked_for(both: World) -> None:
    first = await both.launch()
    await both.forward(seconds=5, step=1)
    asked = len(await both.letters(LI))
    await both.presses(await both.link(LI), "done", (await both.relays(first))["L"]["id"])
    [number] = [one["message_id"] for one in await _posts(both, first)]
    gone = {"chat_id": -1001, "message_id": int(number)}
    await both.sim.post("/bot123456:practice-token-of-the-story/deleteMessage", json=gone)
    made = await correct(both, first, mode="edit")
    await both.forward(minutes=5)
    relay = (await both.relays(made["id"]))["B"]
    assert (relay["state"], relay["route"]) == ("failed", "bot")
    assert not any("· B" in letter for letter in (await both.letters(LI))[asked:])


async def _posts(world: World, campaign: str) -> list[Any]:
    found = await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200})
    return [one for one in found["items"] if one["group_name"] and one["kind"] == "announcement"]


async def test_no_account_posts_as_the_last_resort_what_was_to_be_edited(both: World) -> None:
    first = await both.launch(escalation={"steps": [{"at_percent": 100, "action": "bot"}]})
    await both.forward(seconds=5, step=1)
    await both.presses(await both.link(LI), "done", (await both.relays(first))["L"]["id"])
    made = await correct(both, first, mode="edit")
    await both.forward(minutes=65)
    assert (await both.changes(), await both.posts(NEW)) == ([("edited", "-1001", NEW)], [])
    assert (await both.relays(made["id"]))["L"]["state"] == "missed"
    assert await both.posts(OLD) == ["-1001"]
