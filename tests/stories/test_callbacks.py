"""Platforms tell by themselves: what is known of a group, what becomes of what waits for it, what is proven."""

from datetime import timedelta

import pytest

from tests.stories.callbacks import TELEGRAM, WEBHOOK, bring, group, made, tells
from tests.world import World

TEXT = "Please stay indoors until 18:00."


def _row(number: int, **more: str) -> dict[str, str]:
    return {"group": f"T{number}", "platform": "telegram", "address": f"-100{number}", "account": "bot", **more}


async def _told(world: World, bot: str, what: str, **facts: object) -> int:
    return (await tells(world, bot, "telegram", what, secret=TELEGRAM, **facts)).status_code


async def test_a_robot_is_kicked_in_the_middle_of_a_campaign(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(*(_row(number) for number in range(3)))
    campaign = await world.launch(pacing={"min_gap_s": 60, "max_gap_s": 60})
    assert len(await world.posts(TEXT)) == 1
    [last] = sorted({"-1000", "-1001", "-1002"} - set(await world.posts(TEXT)))[-1:]
    name = f"T{last[-1]}"
    assert await _told(world, bot, "removed", target=last) == 200
    relay = (await world.relays(campaign))[name]
    assert (relay["state"], "not in this group any more (kicked)" in relay["reason"]) == ("failed", True)
    assert (await world.missed(campaign))[name]["reason"] == relay["reason"]
    await world.forward(minutes=5)
    seen = await world.campaign(campaign)
    assert (seen["status"], seen["counts"]["relayed"], seen["counts"]["failed"]) == ("finished", 2, 1)
    assert last not in await world.posts(TEXT)
    assert await world.violations() == 0


async def test_where_the_robot_was_kicked_a_leader_is_asked_instead(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(_row(1, leader="Wang", leader_contact="telegram:700"))
    await world.call("POST", "/stop")
    campaign = await world.launch()
    await _told(world, bot, "removed", target="-1001")
    await world.call("POST", "/start")
    await world.forward(seconds=5)
    relay = (await world.relays(campaign))["T1"]
    assert (relay["state"], relay["route"], relay["leader_name"]) == ("assigned", "leader", "Wang")
    assert len(await world.letters("700")) == 1
    assert await world.posts(TEXT) == []


async def test_where_the_robot_was_kicked_before_the_hour_a_leader_is_asked_at_the_hour(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(_row(1, leader="Wang", leader_contact="telegram:700"))
    campaign = await world.launch(send_at=(world.clock.now() + timedelta(hours=3)).isoformat())
    await _told(world, bot, "removed", target="-1001")
    await world.forward(minutes=2 * 60 + 59, step=1_800)
    assert (await world.relays(campaign))["T1"]["state"] == "failed"
    assert await world.letters("700") == []
    await world.forward(minutes=2)
    relay = (await world.relays(campaign))["T1"]
    assert (relay["state"], relay["route"], relay["leader_name"]) == ("assigned", "leader", "Wang")
    assert len(await world.letters("700")) == 1


async def test_preflight_warns_of_groups_that_lost_their_robot_until_it_is_back(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(*(_row(number) for number in range(3)))
    await _told(world, bot, "removed", target="-1001")
    lost = await group(world, "T1")
    assert (lost["health"], "kicked" in lost["health_reason"], lost["status"]) == ("gone", True, "active")
    draft = await world.draft()
    seen = await world.call("POST", f"/campaigns/{draft}/preflight")
    [warning] = [one for one in seen["warnings"] if one["code"] == "account_removed"]
    assert (warning["groups"], warning["examples"]) == (1, ["T1"])
    by_leaders = await world.draft(route="leader")
    seen = await world.call("POST", f"/campaigns/{by_leaders}/preflight")
    assert "account_removed" not in [one["code"] for one in seen["warnings"]]
    world.clock.advance(timedelta(seconds=5))
    await _told(world, bot, "added", target="-1001")
    seen = await world.call("POST", f"/campaigns/{draft}/preflight")
    assert ("account_removed" in [one["code"] for one in seen["warnings"]], (await group(world, "T1"))["health"]) == (
        False,
        "sound",
    )


async def test_news_that_come_late_do_not_undo_what_is_newer(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(_row(1))
    now = world.clock.now().timestamp()
    await _told(world, bot, "added", target="-1001", at=now)
    await _told(world, bot, "removed", target="-1001", at=now - 60)
    assert (await group(world, "T1"))["health"] == "sound"


async def test_an_operator_may_say_that_the_robot_is_back(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(_row(1))
    await _told(world, bot, "removed", target="-1001")
    one = await group(world, "T1")
    await world.call("PATCH", f"/groups/{one['id']}", json={"health": "gone"}, status=422)
    renamed = await world.call("PATCH", f"/groups/{one['id']}", json={"name": "T1 east"})
    assert renamed["health"] == "gone"
    healed = await world.call("PATCH", f"/groups/{one['id']}", json={"health": "sound"})
    assert (healed["health"], healed["health_reason"]) == ("sound", "")


async def test_a_chat_moves_and_the_post_follows_it(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(_row(1))
    draft = await world.draft()
    for _ in range(2):
        assert await _told(world, bot, "moved", target="-1001", moved_to="-100777") == 200
    assert (await group(world, "T1"))["address"] == "-100777"
    await world.call("POST", f"/campaigns/{draft}/launch", status=202)
    await world.work()
    assert await world.posts(TEXT) == ["-100777"]


async def _lost_line(world: World, **more: str) -> tuple[str, str, str]:
    """A post that stands, though nobody answered for it: (account, campaign, delivery)."""
    account = await world.account("hooks", "webhook", secret=WEBHOOK)
    await world.groups({"group": "H1", "platform": "webhook", "address": world.webhook("h1"), "account": "hooks"})
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept", "times": 99})
    campaign = await world.launch(relay_minutes=600)
    await world.forward(minutes=30)
    [delivery] = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    assert delivery["state"] == "uncertain"
    return account, campaign, str(delivery["id"])


@pytest.mark.parametrize("what", ["delivered", "read"])
async def test_a_post_whose_line_was_lost_is_proven_by_a_signed_receipt(world: World, what: str) -> None:
    account, campaign, delivery = await _lost_line(world)
    answer = await tells(world, account, "webhook", what, secret=WEBHOOK, delivery=delivery, doubly=True)
    assert answer.status_code == 200
    relay = (await world.relays(campaign))["H1"]
    assert (relay["state"], relay["via"], relay["evidence"]) == ("relayed", "bot", "platform_verified")
    assert (await world.campaign(campaign))["status"] == "finished"
    assert len(await world.posts(TEXT)) == 1


async def test_a_receipt_that_says_no_lets_the_post_be_said_again(world: World) -> None:
    account, campaign, delivery = await _lost_line(world)
    await world.sim.request("DELETE", "/_sim/faults")
    await tells(world, account, "webhook", "failed", secret=WEBHOOK, delivery=delivery)
    await world.forward(seconds=5)
    assert (await world.relays(campaign))["H1"]["state"] == "relayed"


async def test_a_receipt_settles_nothing_for_another_account(world: World) -> None:
    _, campaign, delivery = await _lost_line(world)
    other = await world.account("others", "webhook", secret=WEBHOOK)
    await tells(world, other, "webhook", "delivered", secret=WEBHOOK, delivery=delivery)
    await world.forward(minutes=90)
    assert (await world.relays(campaign))["H1"]["state"] == "uncertain"


async def test_a_receipt_comes_before_the_words_would_be_said_again(world: World) -> None:
    account = await world.account("hooks", "webhook", secret=WEBHOOK)
    await world.groups({"group": "H1", "platform": "webhook", "address": world.webhook("h1"), "account": "hooks"})
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept", "times": 99})
    campaign = await world.launch(relay_minutes=600)
    [delivery] = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    assert (delivery["state"], delivery["resends"] > 0) == ("due", True)
    await tells(world, account, "webhook", "delivered", secret=WEBHOOK, delivery=delivery["id"])
    assert (await world.relays(campaign))["H1"]["state"] == "relayed"
    await world.forward(minutes=2)
    assert len(await world.posts(TEXT)) == 1


async def test_a_leaders_done_in_a_chat_confirms_nothing(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups(_row(1, routes="leader", leader="Wang", leader_contact="telegram:700"))
    campaign = await world.launch()
    assert (await world.relays(campaign))["T1"]["state"] == "assigned"
    assert await _told(world, bot, "said", target="-1001", person="700", text="done") == 200
    relay = (await world.relays(campaign))["T1"]
    assert relay["state"] == "assigned"
    seen = await world.call("GET", f"/groups/{relay['group_id']}/activity")
    assert (seen["words"], seen["people"]) == (1, 1)
    assert [(one["leader"], one["words"]) for one in seen["leaders"]] == [("Wang", 1)]


async def test_forged_old_and_replayed_requests_change_nothing(world: World) -> None:
    account, campaign, delivery = await _lost_line(world)
    facts = {"secret": WEBHOOK, "delivery": delivery}
    forged = await made(world, "webhook", "delivered", forged=True, **facts)
    old = await made(world, "webhook", "delivered", at=world.clock.now().timestamp() - 301, **facts)
    good = await made(world, "webhook", "delivered", number=7, **facts)
    stranger = "acc_" + "0" * 26
    refused = [
        await bring(world, "webhook", account, forged),
        await bring(world, "webhook", account, old),
        await bring(world, "webhook", account, {**good, "body": good["body"] + " "}),
        await bring(world, "telegram", account, good),
        await bring(world, "webhook", stranger, good),
        await bring(world, "webhook", "acc_%00", good),
        await bring(world, "webhook", account, {**good, "method": "GET"}),
    ]
    await world.work()
    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.text for answer in refused}) == 1
    assert (await world.relays(campaign))["H1"]["state"] == "uncertain"
    assert [(await bring(world, "webhook", account, good)).status_code for _ in range(20)] == [200] * 20
    await world.work()
    events = (await world.call("GET", f"/accounts/{account}/events"))["items"]
    assert [(one["matter"], one["outcome"]) for one in events] == [("delivered", "settled_sent")]
