"""Whom a correction reaches: every group that the first campaign was for and that nobody has decided about since."""

import signal
from pathlib import Path
from typing import Any

import pytest

from app.core.clock import wall_clock
from app.flows.plan import BATCH
from tests.failpoints.fallen import ended, environment, falling
from tests.world import World, world_on

OLD, NEW = "Please stay indoors until 18:00.", "Please stay indoors until 20:00."
DECIDED = "it was called off, excused or taken back before the correction was launched"


@pytest.fixture
async def center(world: World) -> World:
    """Two Telegram groups and one of Wang's."""
    await world.account("bot")
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}"} for n in range(2)),
        {"group": "W", "leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"},
    )
    return world


async def correct(world: World, campaign: str, status: int = 202, *, key: str = "right", **body: Any) -> Any:
    headers = {"Idempotency-Key": key}
    said = {"body": NEW, **body}
    return await world.call("POST", f"/campaigns/{campaign}/correct", status=status, json=said, headers=headers)


async def _recall(world: World, campaign: str, group: str) -> None:
    group_id = (await world.relays(campaign))[group]["group_id"]
    await world.call("POST", f"/campaigns/{campaign}/recall", status=202, json={"groups": [group_id]})


async def test_a_campaign_that_is_not_planned_yet_is_corrected_everywhere(center: World) -> None:
    first = await center.draft()
    await center.call("POST", f"/campaigns/{first}/launch", status=202)
    made = await correct(center, first)
    await center.forward(seconds=30, step=5)
    assert (await center.posts(OLD), await center.posts(NEW)) == ([], ["-1000", "-1001"])
    states = {name: relay["state"] for name, relay in (await center.relays(made["id"])).items()}
    assert states == {"T0": "relayed", "T1": "relayed", "W": "assigned"}


@pytest.mark.timeout(120)
async def test_a_campaign_that_is_half_planned_is_corrected_everywhere(database_url: str, tmp_path: Path) -> None:
    """Its planner falls behind the first batch. All groups are a leader's: there is nothing to wait for."""
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        wang = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
        await world.groups(*({"group": f"G{n}", **wang} for n in range(BATCH + 5)))
        first = await world.draft()
        await world.call("POST", f"/campaigns/{first}/launch", status=202)
        async with falling(environment(database_url, tmp_path), "plan_committed") as process:
            assert await ended(process) == -signal.SIGKILL
        assert (await world.campaign(first))["groups"] == BATCH
        made = await correct(world, first)
        await world.work()
        seen = await world.campaign(made["id"])
        assert (seen["groups"], seen["counts"]["assigned"]) == (BATCH + 5, BATCH + 5)


@pytest.mark.parametrize("end", ["called off", "excused", "taken back"])
async def test_what_is_decided_while_a_correction_waits_for_a_second_person_stays_so(center: World, end: str) -> None:
    if end == "called off":
        await center.sim.post("/_sim/faults", json={"target": "-1000", "kind": "throttle", "retry_after": 600})
    first = await center.launch()
    made = await center.call("POST", "/keys", status=201, json={"name": "second", "role": "approver"})
    await center.call("PATCH", "/center", json={"needs_approval": True})
    waiting = await correct(center, first)
    if end == "excused":
        relay = (await center.relays(first))["W"]["id"]
        await center.call("POST", f"/relays/{relay}/excuse", json={"reason": "they know"})
    else:
        await _recall(center, first, "T0")
    await center.forward(seconds=30, step=5)
    spared = "W" if end == "excused" else "T0"
    second = {"Authorization": f"Bearer {made['token']}"}
    await center.call("POST", f"/campaigns/{waiting['id']}/approve", status=202, headers=second)
    await center.forward(minutes=15)
    relays = await center.relays(waiting["id"])
    assert (relays[spared]["state"], relays[spared]["reason"]) == ("skipped", DECIDED)
    edited = {target for what, target, _ in await center.changes() if what == "edited"}
    assert (edited, await center.posts(NEW)) == ({"-1000", "-1001"} - ({"-1000"} if spared == "T0" else set()), [])
    assert any("更正" in letter for letter in await center.letters("5001")) is (spared != "W")


async def test_what_is_taken_back_before_the_correction_is_planned_stays_so(center: World) -> None:
    first = await center.launch()
    made = await correct(center, first)
    await _recall(center, first, "T0")
    await center.forward(seconds=30, step=5)
    relay = (await center.relays(made["id"]))["T0"]
    assert (relay["state"], relay["reason"]) == ("skipped", "the words that it corrects are taken back there")
    assert sorted(await center.changes()) == [("edited", "-1001", NEW), ("taken_back", "-1000", "")]


@pytest.mark.parametrize("status", ["dormant", "archived"])
async def test_a_group_that_was_put_to_rest_after_the_post_is_named(center: World, status: str) -> None:
    first = await center.launch()
    group = (await center.relays(first))["T0"]["group_id"]
    await center.call("PATCH", f"/groups/{group}", json={"status": status})
    made = await correct(center, first)
    await center.forward(seconds=30, step=5)
    assert await center.changes() == [("edited", "-1001", NEW)]
    relay = (await center.relays(made["id"]))["T0"]
    assert (relay["state"], relay["reason"]) == ("skipped", f"the group is {status}, and nobody posts there")


async def test_a_correction_that_was_given_up_leaves_the_first_to_be_corrected_anew(center: World) -> None:
    await center.sim.post("/_sim/faults", json={"target": "-1000", "kind": "throttle", "retry_after": 600})
    first = await center.launch()
    await _recall(center, first, "T1")
    slip = await correct(center, first, key="slip", body="A slip of the pen.")
    await center.call("POST", f"/campaigns/{slip['id']}/cancel")
    await center.forward(seconds=30, step=5)
    assert (await center.campaign(first))["corrected_by"] is None
    made = await correct(center, first)
    await center.forward(minutes=15)
    assert await center.posts(NEW) == ["-1000"], "what waited of the first campaign was nobody's wish to call off"
    assert set(await center.relays(made["id"])) == {"T0", "W"}
    assert (await center.campaign(first))["corrected_by"] == made["id"]


async def test_a_correction_of_which_something_stands_is_the_one_to_be_corrected(center: World) -> None:
    first = await center.launch()
    second = await correct(center, first)
    await center.forward(seconds=30, step=5)
    await center.call("POST", f"/campaigns/{second['id']}/cancel")
    await center.forward(seconds=30, step=5)
    refused = await correct(center, first, 409, key="third", body="It is over.")
    assert (refused["code"], second["id"] in refused["detail"]) == ("already_corrected", True)
    third = await correct(center, second["id"], key="third", body="It is over.")
    await center.forward(seconds=30, step=5)
    assert [text for _, target, text in await center.changes() if target == "-1000"] == [NEW, "It is over."]
    refused = await correct(center, first, 409, key="fourth")
    assert third["id"] in refused["detail"], "the last one of them is named"
