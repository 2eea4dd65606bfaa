"""What is given to an account or to a leader at night is theirs from the morning on, with as much time as by day."""

from datetime import datetime
from typing import Any

import pytest

from tests.stories.callbacks import TELEGRAM, tells
from tests.stories.customers import TEXT, asked, customers, press, states
from tests.world import World

LI = "5002"
GROUP = {"group": "B1", "platform": "telegram", "address": "-1001", "timezone": "Asia/Shanghai"}
LEADER = {"leader": "Li", "leader_contact": f"telegram:{LI}"}
BOT_AT_THE_END: dict[str, Any] = {"steps": [{"at_percent": 100, "action": "bot"}]}
EIGHT = "2026-03-03T00:00"
"""In the morning in Shanghai, as UTC has it."""
NINE = "2026-03-03T01:00"


@pytest.fixture
async def evening(world: World) -> World:
    """Ten minutes before ten at night in Shanghai."""
    await world.forward(minutes=4 * 60 + 50, step=3_600)
    return world


async def _until(world: World, campaign: str) -> str:
    return str((await world.relays(campaign))["B1"]["deadline_at"])[:16]


async def _morning(world: World) -> None:
    """On to five past eight there."""
    gone = datetime.fromisoformat(f"{EIGHT}Z") - world.clock.now()
    await world.forward(seconds=gone.total_seconds(), step=1_800)
    await world.forward(minutes=5)


async def test_a_last_resort_that_is_due_at_night_posts_in_the_morning(evening: World) -> None:
    await evening.account("bot")
    await evening.groups({**GROUP, **LEADER, "routes": "leader;bot"})
    campaign = await evening.launch(escalation=BOT_AT_THE_END)
    await evening.forward(minutes=65)
    assert (await evening.relays(campaign))["B1"]["route"] == "bot"
    await _morning(evening)
    assert await evening.posts(TEXT) == ["-1001"]
    relay = (await evening.relays(campaign))["B1"]
    assert (relay["state"], relay["via"]) == ("relayed", "bot")


async def test_what_is_tried_once_more_at_night_is_posted_in_the_morning(evening: World) -> None:
    await evening.account("bot")
    await evening.groups(GROUP)
    target = {"platform": "telegram", "target": "-1001"}
    await evening.sim.post("/_sim/targets", json={**target, "state": "kicked"})
    campaign = await evening.launch()
    await evening.sim.post("/_sim/targets", json={**target, "state": "ok"})
    await evening.forward(minutes=15)
    assert (await evening.call("POST", f"/campaigns/{campaign}/retry", status=202))["retried"] == 1
    assert await _until(evening, campaign) == NINE
    await _morning(evening)
    assert await evening.posts(TEXT) == ["-1001"]
    relay = (await evening.relays(campaign))["B1"]
    assert (relay["state"], relay["late"]) == ("relayed", True)


@pytest.mark.parametrize("priority", ["normal", "incident"])
async def test_a_leader_whom_it_falls_to_at_night_is_asked_in_the_morning(evening: World, priority: str) -> None:
    bot = await evening.account("bot", secret=TELEGRAM)
    await evening.groups({**GROUP, **LEADER, "routes": "bot;leader"})
    await evening.call("POST", "/stop")
    campaign = await evening.launch(priority=priority)
    await evening.forward(minutes=15)
    await tells(evening, bot, "telegram", "removed", secret=TELEGRAM, target="-1001")
    await evening.call("POST", "/start")
    await evening.forward(minutes=5)
    if priority == "incident":
        assert len(await evening.letters(LI)) == 1
        return
    relay = (await evening.relays(campaign))["B1"]
    assert (relay["state"], relay["route"], relay["leader_name"]) == ("planned", "leader", "Li")
    assert await _until(evening, campaign) == NINE
    await _morning(evening)
    assert len(await evening.letters(LI)) == 1
    assert (await evening.relays(campaign))["B1"]["state"] == "assigned"


async def test_what_a_platform_lets_no_owner_send_is_his_by_link_in_the_morning(evening: World) -> None:
    await customers(evening)
    for group in (await evening.call("GET", "/groups"))["items"]:
        await evening.call("PATCH", f"/groups/{group['id']}", json={"timezone": "Asia/Shanghai"})
    campaign = await evening.launch()
    await evening.forward(minutes=12)
    [task] = await asked(evening)
    await evening.sim.post("/_sim/targets", json={"platform": "wecom_customers", "target": "wrBeta", "state": "kicked"})
    await press(evening, task)
    await evening.forward(minutes=10)
    assert await states(evening, campaign) == {"A": "relayed", "B": "planned"}
    await _morning(evening)
    assert await states(evening, campaign) == {"A": "relayed", "B": "assigned"}
    assert str((await evening.relays(campaign))["B"]["deadline_at"])[:16] == NINE
