"""Retry: only what failed goes again, once, and never what may stand."""

import asyncio
from typing import Any

import pytest

from tests.world import World

TEXT = "Please stay indoors until 18:00."
GROUPS = {
    "was kicked": "robot-kicked",
    "was kicked too": "robot-kicked2",
    "fell silent": "robot-mute",
    "fine": "robot-ok",
}


async def _target(world: World, key: str, state: str) -> None:
    await world.sim.post("/_sim/targets", json={"platform": "wecom", "target": key, "state": state})


@pytest.fixture
async def failed(world: World) -> World:
    """A center whose robots were thrown out of two groups of four, and fall silent in a third."""
    rows = ({"group": name, "platform": "wecom", "address": world.wecom(key)} for name, key in GROUPS.items())
    await world.groups(*rows)
    for key in ("robot-kicked", "robot-kicked2"):
        await _target(world, key, "kicked")
    await world.sim.post("/_sim/faults", json={"target": "robot-mute", "kind": "drop_after_accept"})
    return world


async def _states(world: World, campaign: str) -> dict[str, str]:
    return {name: relay["state"] for name, relay in (await world.relays(campaign)).items()}


async def _retry(world: World, campaign: str, status: int = 202, **body: Any) -> Any:
    return await world.call("POST", f"/campaigns/{campaign}/retry", status=status, json=body)


async def test_what_failed_is_posted_once_more_and_what_may_stand_is_left_alone(failed: World) -> None:
    campaign = await failed.launch(relay_minutes=20)
    assert (await failed.campaign(campaign))["deliveries"]["failed"] == 2
    for key in ("robot-kicked", "robot-kicked2"):
        await _target(failed, key, "ok")
    assert await _retry(failed, campaign) == {"campaign_id": campaign, "retried": 2}
    assert await _states(failed, campaign) == {
        "was kicked": "planned",
        "was kicked too": "planned",
        "fell silent": "uncertain",
        "fine": "relayed",
    }
    assert (await failed.campaign(campaign))["status"] == "running"
    await failed.work()
    assert await failed.posts(TEXT) == sorted(GROUPS.values())
    states = await _states(failed, campaign)
    assert (states["was kicked"], states["fell silent"]) == ("relayed", "uncertain")
    assert await _retry(failed, campaign) == {"campaign_id": campaign, "retried": 0}
    relay = (await failed.relays(campaign))["was kicked"]
    events = (await failed.call("GET", f"/relays/{relay['id']}"))["events"]
    moves = [(one["was"], one["became"]) for one in events if one["subject"] == "relay"]
    assert moves[2:4] == [("posting", "failed"), ("failed", "planned")]
    assert not relay["late"]
    assert [one["actor"] for one in events if one["was"] == "failed"] == ["key:head", "key:head"]


async def test_only_the_groups_that_are_named_go_again(failed: World) -> None:
    campaign = await failed.launch()
    relays = await failed.relays(campaign)
    for key in ("robot-kicked", "robot-kicked2"):
        await _target(failed, key, "ok")
    some = [relays[name]["group_id"] for name in ("was kicked", "fell silent", "fine")]
    assert (await _retry(failed, campaign, groups=some))["retried"] == 1
    await failed.work()
    states = await _states(failed, campaign)
    assert (states["was kicked"], states["was kicked too"]) == ("relayed", "failed")
    stranger = f"grp_{'0' * 26}"
    problem = await _retry(failed, campaign, 422, groups=[some[0], stranger])
    assert [one["pointer"] for one in problem["errors"]] == ["/groups/1"]


async def test_what_expired_unsent_gets_a_whole_window_of_its_own_and_counts_as_late(world: World) -> None:
    await world.groups({"group": "G", "platform": "webhook", "address": world.webhook("hook-1")})
    await world.sim.post("/_sim/faults", json={"kind": "throttle", "retry_after": 600})
    campaign = await world.launch(relay_minutes=5)
    await world.forward(minutes=20)
    assert (await _states(world, campaign), await world.posts(TEXT)) == ({"G": "missed"}, [])
    assert (await _retry(world, campaign))["retried"] == 1
    await world.forward(minutes=1)
    assert await world.posts(TEXT) == ["hook-1"]
    relay = (await world.relays(campaign))["G"]
    assert (relay["state"], relay["late"]) == ("relayed", True)
    seen = await world.campaign(campaign)
    assert (seen["status"], seen["late"], await world.missed(campaign)) == ("finished", 1, {})


async def test_two_who_ask_at_once_have_it_posted_once(failed: World) -> None:
    campaign = await failed.launch()
    for key in ("robot-kicked", "robot-kicked2"):
        await _target(failed, key, "ok")
    answers = await asyncio.gather(*(_retry(failed, campaign) for _ in range(6)))
    assert sum(one["retried"] for one in answers) == 2
    await failed.forward(minutes=1)
    assert await failed.posts(TEXT) == sorted(GROUPS.values())


async def test_a_draft_and_a_cancelled_campaign_are_not_retried(failed: World) -> None:
    draft = await failed.draft()
    assert (await _retry(failed, draft, 409))["code"] == "wrong_state"
    campaign = await failed.launch()
    await failed.call("POST", f"/campaigns/{campaign}/cancel")
    assert (await _retry(failed, campaign, 409))["code"] == "wrong_state"
    answer = await failed.api.post(f"/api/v1/campaigns/{campaign}/retry")
    assert answer.status_code == 409, "a body is not needed"
