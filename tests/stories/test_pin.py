"""A campaign whose words are to stay on top: pinned once where an account can, and the post never suffers for it."""

from typing import Any

import pytest

from app.domain.deliveries import store as deliveries
from app.domain.relays.states import News
from app.flows.call_off import end_relays
from app.flows.pin_up import pin_up
from tests.stories.callbacks import group
from tests.world import World

WORDS = "明晚八点，广场见。"
BOT, APP, BARE = "-1001", "C024BE91L", "key-00000001"


async def _groups(world: World) -> None:
    await world.account("bot")
    here = {"base_url": world.platform}
    await world.account("app", "slack", secret={"bot_token": "xoxb-practice-demo"}, **here)
    await world.account("guild", "discord", secret={"bot_token": "practice.demo.discord"}, **here)
    await world.account("lark", "feishu", secret={"app_id": "cli_demo", "app_secret": "practice"}, **here)
    await world.groups(
        {"group": "T", "platform": "telegram", "address": BOT, "account": "bot"},
        {"group": "S", "platform": "slack", "address": APP, "account": "app"},
        {"group": "D", "platform": "discord", "address": "200000000000000001", "account": "guild"},
        {"group": "F", "platform": "feishu", "address": "oc_demo_1", "account": "lark"},
        {"group": "R", "platform": "wecom", "address": world.wecom(BARE)},
    )


async def _pins(world: World, campaign: str) -> dict[str, Any]:
    found = await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200})
    return {one["group_name"]: one for one in found["items"] if one["kind"] == "pin"}


async def test_the_words_are_pinned_once_wherever_an_account_can(world: World) -> None:
    await _groups(world)
    campaign = await world.draft(body=WORDS, pin=True)
    seen = await world.call("POST", f"/campaigns/{campaign}/preflight")
    said = {one["code"]: (one["message"], one["groups"]) for one in seen["warnings"]}
    assert said["not_pinned"] == ("The platform lets an account pin nothing; the text is not pinned (wecom).", 1)
    assert sum(lane["posts"] for lane in seen["lanes"]) == 9
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await world.forward(seconds=20, step=2)
    pinned = sorted(target for what, target, _ in await world.changes() if what == "pinned")
    assert pinned == sorted([BOT, APP, "200000000000000001", "oc_demo_1"])
    assert {name: one["state"] for name, one in (await _pins(world, campaign)).items()} == dict.fromkeys("TSDF", "sent")
    found = await world.campaign(campaign)
    assert (found["pin"], found["status"], found["counts"]["relayed"]) == (True, "finished", 5)
    assert await world.violations() == 0


async def test_of_a_text_in_parts_the_first_is_pinned(world: World) -> None:
    await world.account("bot")
    await world.groups({"group": "T", "platform": "telegram", "address": BOT, "account": "bot"})
    campaign = await world.launch(body=("长" * 999 + "。") * 5, pin=True)
    await world.forward(seconds=30, step=2)
    assert len(await world.letters(BOT)) == 2
    assert [what for what, _, _ in await world.changes()] == ["pinned"]
    first = (await _pins(world, campaign))["T"]
    assert (first["state"], first["part"]) == ("sent", 1)


@pytest.mark.parametrize(
    ("state", "fault", "ends"),
    [("blocked", None, "failed"), (None, "drop_after_accept", "sent"), (None, "reset", "sent")],
)
async def test_whatever_becomes_of_the_pinning_the_post_stands_and_is_sure(
    world: World, state: str | None, fault: str | None, ends: str
) -> None:
    await world.account("bot")
    await world.groups({"group": "T", "platform": "telegram", "address": BOT, "account": "bot"})
    campaign = await world.draft(body=WORDS, pin=True)
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await world.work()
    assert await world.letters(BOT) == [WORDS]
    if state:
        await world.sim.post("/_sim/targets", json={"platform": "telegram", "target": BOT, "state": state})
    if fault:
        await world.sim.post("/_sim/faults", json={"platform": "telegram", "kind": fault})
    await world.forward(minutes=5, step=20)
    assert (await _pins(world, campaign))["T"]["state"] == ends
    assert (await world.relays(campaign))["T"]["state"] == "relayed"
    account = (await world.call("GET", "/accounts"))["items"][0]
    assert (account["status"], (await group(world, "T"))["health"]) == ("active", "sound")
    assert {what for what, _, _ in await world.changes()} <= {"pinned"}


async def test_whether_a_pin_was_made_says_nothing_about_its_post(world: World) -> None:
    await world.account("bot")
    await world.groups({"group": "T", "platform": "telegram", "address": BOT, "account": "bot"})
    campaign = await world.launch(body=("长" * 999 + "。") * 5, pin=True)
    assert await pin_up(world.kit) == 1
    async with world.kit.db.write() as tx:  # as where a copy of the database was put back
        doubted = await deliveries.doubt(tx, due_by=world.clock.now(), reason="the database was set back", limit=9)
        await end_relays(tx, doubted, doubted.uncertain, News.LINE_LOST, reason="the database was set back")
    pin = (await _pins(world, campaign))["T"]
    assert (pin["state"], (await world.relays(campaign))["T"]["state"]) == ("uncertain", "uncertain")
    await world.call("POST", f"/deliveries/{pin['id']}/resolve", json={"outcome": "sent"})
    assert (await world.relays(campaign))["T"]["state"] == "uncertain", "of its second part nobody knows"
