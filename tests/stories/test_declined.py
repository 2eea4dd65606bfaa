"""After a no: it goes on at once, and whoever was chosen by a person keeps it until the policy's own next step."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.domain.relays.tables import Relay
from app.flows.escalate import escalate
from tests.stories.test_cascade import leader_id
from tests.world import World

LI, WU, ZHAO = "5002", "5009", "6001"


@pytest.fixture
async def three(world: World) -> World:
    """Li answers for M1, and after him Wu and Zhao."""
    await world.account("bot")
    for name, chat in (("Wu", WU), ("Zhao", ZHAO)):
        person = {"name": name, "contact": f"telegram:{chat}", "language": "en"}
        await world.call("POST", "/leaders", status=201, json=person)
    li = {"leader": "Li", "leader_contact": f"telegram:{LI}", "deputies": "Wu;Zhao"}
    await world.groups({"group": "M1", "platform": "manual", **li})
    return world


async def _m1(world: World, campaign: str) -> Any:
    return (await world.relays(campaign))["M1"]


async def _declined_in_a_pause(world: World, campaign: str, *, before: float, after: float) -> str:
    """Paused after so many minutes, Li said no at another; answers the relay."""
    await world.forward(minutes=before)
    await world.call("POST", f"/campaigns/{campaign}/pause")
    await world.forward(minutes=after - before)
    relay = str((await _m1(world, campaign))["id"])
    await world.presses(await world.link(LI), "cannot", relay, reason="travelling")
    return relay


async def test_a_no_goes_on_at_once_though_a_reminder_was_due_before(three: World) -> None:
    campaign = await three.launch()
    await _declined_in_a_pause(three, campaign, before=25, after=31)
    await three.call("POST", f"/campaigns/{campaign}/resume")
    await three.forward(seconds=10, step=2)
    relay = await _m1(three, campaign)
    assert (relay["state"], relay["leader_name"]) == ("assigned", "Wu")
    assert len(await three.letters(WU)) == 1, "he was asked just now, and is not reminded of what was due before"
    await three.forward(minutes=21)
    assert len(await three.letters(WU)) == 2


@pytest.mark.parametrize("after", [1, 40])
async def test_whom_the_head_chose_after_a_no_keeps_it_until_the_next_step(three: World, after: float) -> None:
    steps = {"steps": [{"at_percent": 50, "action": "deputy"}, {"at_percent": 75, "action": "deputy"}]}
    campaign = await three.launch(escalation=steps)
    relay = await _declined_in_a_pause(three, campaign, before=0.5, after=after)
    body = {"leader_id": await leader_id(three, "Zhao")}
    await three.call("POST", f"/relays/{relay}/hand-over", json=body)
    await three.call("POST", f"/campaigns/{campaign}/resume")
    await three.forward(minutes=3)
    assert (await _m1(three, campaign))["leader_name"] == "Zhao"
    await three.forward(minutes=47 - after)
    assert (await _m1(three, campaign))["leader_name"] == "Wu"


async def test_what_has_no_step_left_is_due_no_more(three: World) -> None:
    campaign = await three.launch(escalation={"steps": []})
    relay = await _declined_in_a_pause(three, campaign, before=0.5, after=1)
    await three.call("POST", f"/relays/{relay}/hand-over", json={"leader_id": await leader_id(three, "Zhao")})
    await three.call("POST", f"/campaigns/{campaign}/resume")
    assert await escalate(three.kit) == 0
    async with three.kit.db.write() as tx:  # as an older program left it
        await tx.run(update(Relay).where(col(Relay.id) == relay).values(next_step_at=tx.now - timedelta(minutes=1)))
    assert await escalate(three.kit) == 1
    assert await escalate(three.kit) == 0
    assert (await _m1(three, campaign))["leader_name"] == "Zhao"
