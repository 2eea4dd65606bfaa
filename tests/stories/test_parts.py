"""A text that is too long for one post goes out in parts: in order, each once, and the ledger says how far it came."""

from typing import Any

import pytest

from tests.stories.callbacks import WEBHOOK, tells
from tests.world import World

FIRST, SECOND, THIRD = (f"{word}，请各位家长留意。" * 50 for word in ("明天停课", "后天补课", "周末家访"))
TEXT = f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
ROBOT = "key-00000001"


async def _begun(world: World, **draft: Any) -> str:
    """A campaign of one robot that has said its first part of three."""
    await world.groups({"group": "R", "platform": "wecom", "address": world.wecom(ROBOT)})
    campaign = await world.launch(body=TEXT, **draft)
    assert await _stands(world) == [FIRST]
    return campaign


async def _stands(world: World) -> list[str]:
    return [text.strip() for text in await world.letters(ROBOT)]


async def _delivery(world: World, campaign: str, state: str) -> Any:
    found = await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": state})
    [delivery] = found["items"]
    return delivery


async def _relay(world: World, campaign: str) -> Any:
    return (await world.relays(campaign))["R"]


async def test_the_parts_leave_one_after_the_other_and_the_last_one_makes_it_relayed(world: World) -> None:
    campaign = await _begun(world, mention_all=True)
    relay = await _relay(world, campaign)
    assert (relay["state"], relay["reason"]) == ("planned", "part 1 of 3 stands in the group")
    second = await _delivery(world, campaign, "due")
    assert (second["part"], second["parts"]) == (2, 3)
    assert "part 2 of 3; the next one waits" in (await world.call("GET", f"/deliveries/{second['id']}/why"))["why"]
    await world.forward(seconds=1, step=1)
    assert await _stands(world) == [FIRST, SECOND]
    assert (await world.campaign(campaign))["status"] == "running"
    await world.forward(seconds=1, step=1)
    assert await _stands(world) == [FIRST, SECOND, THIRD]
    relay = await _relay(world, campaign)
    assert (relay["state"], relay["reason"], relay["evidence"]) == ("relayed", "", "platform_verified")
    assert (await world.call("GET", f"/relays/{relay['id']}"))["text"] == TEXT
    assert (await world.campaign(campaign))["status"] == "finished"
    assert await world.violations() == 0


@pytest.mark.parametrize("outcome", ["sent", "not_sent"])
async def test_an_uncertain_part_holds_back_the_rest_until_it_is_settled(world: World, outcome: str) -> None:
    campaign = await _begun(world)
    fault = "drop_after_accept" if outcome == "sent" else "reset"
    await world.sim.post("/_sim/faults", json={"platform": "wecom", "kind": fault})
    await world.forward(seconds=20, step=1)
    lost = await _delivery(world, campaign, "uncertain")
    relay = await _relay(world, campaign)
    assert relay["state"] == "uncertain"
    assert "part 1 of 3 stands" in relay["reason"]
    assert THIRD not in await _stands(world)
    await world.call("POST", f"/deliveries/{lost['id']}/resolve", json={"outcome": outcome})
    await world.forward(seconds=4, step=1)
    assert await _stands(world) == [FIRST, SECOND, THIRD]
    assert (await _relay(world, campaign))["state"] == "relayed"


async def test_a_part_that_fails_ends_it_and_says_what_stands(world: World) -> None:
    campaign = await _begun(world)
    await world.forward(seconds=1, step=1)
    await world.sim.post("/_sim/targets", json={"platform": "wecom", "target": ROBOT, "state": "deleted"})
    await world.forward(minutes=2, step=10)
    relay = await _relay(world, campaign)
    assert relay["state"] == "failed"
    assert relay["reason"].endswith("; parts 1 to 2 of 3 stand in the group")
    assert "parts 1 to 2 of 3" in (await world.missed(campaign))["R"]["reason"]
    assert await _stands(world) == [FIRST, SECOND]
    assert (await world.campaign(campaign))["status"] == "finished"


@pytest.mark.parametrize("end", ["cancelled", "too late"])
async def test_what_is_called_off_or_too_late_says_what_stands(world: World, end: str) -> None:
    campaign = await _begun(world, relay_minutes=5)
    if end == "cancelled":
        await world.call("POST", f"/campaigns/{campaign}/cancel")
    else:
        await world.call("POST", "/stop")
    await world.forward(minutes=6)
    relay = await _relay(world, campaign)
    assert relay["state"] == ("cancelled" if end == "cancelled" else "missed")
    assert relay["reason"].endswith("; part 1 of 3 stands in the group")
    assert await _stands(world) == [FIRST]


async def test_a_part_without_an_answer_is_said_again_with_its_key_and_the_next_one_waits(world: World) -> None:
    long = "字" * 6_000 + "\n\n" + "词" * 3_000
    await world.groups({"group": "H", "platform": "webhook", "address": world.webhook("hook-h")})
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept"})
    campaign = await world.launch(body=long)
    await world.forward(seconds=4, step=1)
    assert "".join(await world.letters("hook-h")).strip() == "字" * 6_000
    await world.forward(seconds=4, step=1)
    assert "".join(await world.letters("hook-h")) == long
    assert (await world.relays(campaign))["H"]["state"] == "relayed"


async def test_a_receipt_for_a_part_lets_the_next_one_go(world: World) -> None:
    account = await world.account("hooks", "webhook", secret=WEBHOOK)
    await world.groups({"group": "H", "platform": "webhook", "address": world.webhook("hook-h"), "account": "hooks"})
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept"})
    campaign = await world.launch(body="字" * 6_000 + "\n\n" + "词" * 3_000)
    first = await _delivery(world, campaign, "due")
    await tells(world, account, "webhook", "delivered", secret=WEBHOOK, delivery=first["id"])
    await world.forward(seconds=2, step=1)
    assert len(await world.received(standing=False)) == 2
    assert (await world.relays(campaign))["H"]["state"] == "relayed"


async def test_preflight_counts_posts_and_a_campaign_may_forbid_parts(world: World) -> None:
    await world.groups(
        {"group": "R", "platform": "wecom", "address": world.wecom(ROBOT)},
        {"group": "H", "platform": "webhook", "address": world.webhook("hook-h")},
    )
    draft = await world.draft(body=TEXT)
    seen = await world.call("POST", f"/campaigns/{draft}/preflight")
    assert sorted(lane["posts"] for lane in seen["lanes"]) == [1, 3]
    [warning] = [one for one in seen["warnings"] if one["code"] == "parts"]
    assert (warning["groups"], "1 in 3 parts" in warning["message"]) == (1, True)
    for refused in (await world.draft(body=TEXT, split=False), await world.draft(body=TEXT * 2)):
        seen = await world.call("POST", f"/campaigns/{refused}/preflight")
        assert [one["code"] for one in seen["blockers"]] == ["too_long"]
        await world.call("POST", f"/campaigns/{refused}/launch", status=409)


async def test_a_part_that_failed_is_tried_again_alone(world: World) -> None:
    campaign = await _begun(world)
    target = {"platform": "wecom", "target": ROBOT}
    await world.sim.post("/_sim/targets", json={**target, "state": "deleted"})
    await world.forward(seconds=4, step=1)
    assert (await _relay(world, campaign))["state"] == "failed"
    await world.sim.post("/_sim/targets", json={**target, "state": "ok"})
    await world.call("POST", f"/campaigns/{campaign}/retry", status=202)
    await world.forward(seconds=4, step=1)
    assert await _stands(world) == [FIRST, SECOND, THIRD]
    assert (await _relay(world, campaign))["state"] == "relayed"


@pytest.mark.parametrize("whole", [True, False])
async def test_a_recall_takes_back_every_part_that_stands(world: World, whole: bool) -> None:
    await world.account("bot")
    await world.groups({"group": "T", "platform": "telegram", "address": "-1001", "account": "bot"})
    campaign = await world.launch(body="a" * 4_000 + "\n\n" + "b" * 4_000)
    if whole:
        await world.forward(seconds=3, step=1)
    await world.call("POST", f"/campaigns/{campaign}/recall", status=202, json={})
    await world.forward(seconds=9, step=1)
    seen = await world.campaign(campaign)
    assert seen["counts"]["relayed" if whole else "cancelled"] == 1
    assert seen["recall"]["counts"]["done"] == 1
    gone = await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 50})
    assert [one["state"] for one in gone["items"] if one["kind"] == "recall"] == ["sent"] * (2 if whole else 1)


async def test_the_last_resort_goes_out_in_parts_as_well(world: World) -> None:
    routes = {"routes": "leader;bot", "leader": "Wang", "leader_contact": "none"}
    await world.groups({"group": "R", "platform": "wecom", "address": world.wecom(ROBOT), **routes})
    campaign = await world.launch(body=TEXT, escalation={"steps": [{"at_percent": 100, "action": "bot"}]})
    assert await _stands(world) == []
    await world.forward(minutes=61, step=60)
    await world.forward(seconds=4, step=1)
    assert await _stands(world) == [FIRST, SECOND, THIRD]
    assert (await _relay(world, campaign))["state"] == "relayed"
