"""Groups that become nobody's while a campaign runs: the head hears of them once, and they stay on the missed list."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import journal
from tests.stories.test_cascade import CHEN, WU, leader_id
from tests.world import World

MO = "6101"


async def test_the_head_hears_once_of_groups_that_are_nobodys_any_more(world: World) -> None:
    await world.account("bot")
    mine = {"platform": "manual", "leader": "Mo", "leader_contact": f"telegram:{MO}"}
    await world.groups({"group": "M1", **mine}, {"group": "M2", **mine})
    await world.call("PATCH", "/center", json={"head_id": await leader_id(world, "Chen")})
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    mo, relays = await leader_id(world, "Mo"), await world.relays(campaign)
    for relay in relays.values():  # the head has had both, and gave them back
        await world.presses(await world.link(MO), "cannot", relay["id"], reason="text_wrong")
        await world.forward(seconds=2, step=1)
        await world.call("POST", f"/relays/{relay['id']}/hand-over", json={"leader_id": mo})
    assert (await world.api.delete(f"/api/v1/leaders/{mo}")).status_code == 204
    await world.forward(minutes=5)
    told = [letter for letter in await world.letters(CHEN) if "nobody answers any more" in letter]
    assert len(told) == 1
    assert "M1" in told[0]
    assert "M2" in told[0]
    assert f"/campaigns/{campaign}/missed" in told[0]
    async with world.kit.db.read() as tx:
        said = [line.reason for line in await journal.thread(tx, campaign)]
    assert said.count("2 groups are nobody's: the head is told") == 1
    story = await world.call("GET", f"/relays/{relays['M1']['id']}")
    assert story["leader_id"] is None
    assert "nobody answers for this group any more" in [event["reason"] for event in story["events"]]


@pytest.fixture
async def tomorrows(world: World) -> tuple[World, str]:
    """A campaign that begins in three hours, and whose only leader has left. The head is Chen."""
    await world.account("bot")
    await world.groups({"group": "M1", "platform": "manual", "leader": "Mo", "leader_contact": f"telegram:{MO}"})
    await world.call("PATCH", "/center", json={"head_id": await leader_id(world, "Chen")})
    campaign = await world.launch(send_at=(world.clock.now() + timedelta(hours=3)).isoformat())
    await world.call("PATCH", "/center", json={"head_id": None})
    assert (await world.api.delete(f"/api/v1/leaders/{await leader_id(world, 'Mo')}")).status_code == 204
    await world.call("PATCH", "/center", json={"head_id": await leader_id(world, "Chen")})
    return world, campaign


async def _wu(world: World) -> str:
    wu = {"name": "Wu", "contact": f"telegram:{WU}", "language": "en"}
    return str((await world.call("POST", "/leaders", status=201, json=wu))["id"])


async def _m1(world: World, campaign: str) -> Any:
    return (await world.relays(campaign))["M1"]


async def test_an_orphan_whose_time_comes_goes_to_whoever_answers_for_it_then(tomorrows: tuple[World, str]) -> None:
    world, campaign = tomorrows
    relay = await _m1(world, campaign)
    assert (relay["state"], relay["leader_name"]) == ("planned", None)
    body = {"leader_id": await _wu(world), "group_id": relay["group_id"]}
    await world.call("POST", "/assignments", status=201, json=body)
    await world.forward(minutes=2 * 60 + 59, step=1_800)
    assert await world.letters(WU) == []
    await world.forward(minutes=2)
    relay = await _m1(world, campaign)
    assert (relay["state"], relay["leader_name"]) == ("assigned", "Wu")
    assert len(await world.letters(WU)) == 1


async def test_the_head_hands_an_orphan_over_before_its_time_and_nobody_is_asked_earlier(
    tomorrows: tuple[World, str],
) -> None:
    world, campaign = tomorrows
    relay, wu = await _m1(world, campaign), await _wu(world)
    story = await world.call("POST", f"/relays/{relay['id']}/hand-over", json={"leader_id": wu})
    assert (story["state"], story["leader_name"]) == ("planned", "Wu")
    await world.forward(minutes=2 * 60 + 59, step=1_800)
    assert await world.letters(WU) == []
    await world.forward(minutes=2)
    assert (await _m1(world, campaign))["state"] == "assigned"
    assert len(await world.letters(WU)) == 1


async def test_an_orphan_that_nobody_answers_for_when_its_time_comes_goes_up_with_the_policy(
    tomorrows: tuple[World, str],
) -> None:
    world, campaign = tomorrows
    await world.forward(minutes=3 * 60 + 1, step=1_800)
    relay = await _m1(world, campaign)
    assert (relay["state"], relay["leader_name"]) == ("assigned", None)
    assert relay["reason"] == "nobody answers for this group any more"
    await world.forward(minutes=76, step=60)
    relay = await _m1(world, campaign)
    assert (relay["state"], relay["leader_name"]) == ("missed", "Chen")
    assert any("M1" in letter and "/r/" in letter for letter in await world.letters(CHEN))
