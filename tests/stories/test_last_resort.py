"""A group is reached one way or the other, never both: leaders fall in for bots, bots for leaders, the head for all."""

from typing import Any

import pytest

from tests.world import World

BOT_AT_THE_END: dict[str, Any] = {"steps": [{"at_percent": 100, "action": "bot"}]}
TEXT = "Please stay indoors until 18:00."
LI = "5002"


@pytest.fixture
async def both(world: World) -> World:
    """B1 and B2 may be posted to by a bot; Li answers for both and for the manual group M1."""
    await world.account("bot")
    li = {"leader": "李强", "leader_contact": f"telegram:{LI}"}
    await world.groups(
        {"group": "B1", "platform": "telegram", "address": "-1001", "routes": "leader;bot", **li},
        {"group": "B2", "platform": "telegram", "address": "-1002", "routes": "bot;leader", **li},
        {"group": "M1", "platform": "manual", **li},
    )
    return world


async def test_a_bot_posts_what_no_leader_did_and_only_once(both: World) -> None:
    campaign = await both.launch(escalation=BOT_AT_THE_END)
    await both.forward(seconds=5, step=1)
    assert await both.posts(TEXT) == ["-1002"]
    link = await both.link(LI)
    await both.forward(minutes=61)
    assert await both.posts(TEXT) == ["-1001", "-1002"]
    relays = await both.relays(campaign)
    assert (relays["B1"]["state"], relays["B1"]["via"]) == ("relayed", "bot")
    assert "no account can post it" in (await both.call("GET", f"/relays/{relays['M1']['id']}"))["events"][-1]["reason"]
    answer = await both.presses(link, "done", relays["B1"]["id"])
    assert answer.status_code in {200, 409}
    assert (await both.relays(campaign))["B1"]["via"] == "bot"
    await both.forward(minutes=120, step=600)
    assert await both.posts(TEXT) == ["-1001", "-1002"]


async def test_a_last_resort_that_no_account_posts_in_time_leaves_the_rest_to_the_policy(both: World) -> None:
    wu = await both.call("POST", "/leaders", status=201, json={"name": "Wu", "contact": "telegram:5009"})
    await both.call("PATCH", "/center", json={"head_id": wu["id"]})
    ladder = [*BOT_AT_THE_END["steps"], {"at_percent": 125, "action": "head"}]
    campaign = await both.launch(escalation={"steps": ladder})
    await both.forward(minutes=59)
    await both.call("POST", "/stop")
    await both.forward(minutes=59)
    assert (await both.relays(campaign))["B1"]["route"] == "bot", "it has as long as he had"
    await both.forward(minutes=5)
    await both.call("POST", "/start")
    await both.forward(minutes=1)
    relay = (await both.relays(campaign))["B1"]
    assert (relay["state"], relay["route"], relay["leader_name"]) == ("missed", "leader", "Wu")
    assert (await both.missed(campaign))["B1"]["leader"] == "Wu"
    assert await both.posts(TEXT) == ["-1002"]


async def test_a_done_before_the_bot_begins_keeps_it_from_posting(both: World) -> None:
    campaign = await both.launch(escalation=BOT_AT_THE_END, pacing={"min_gap_s": 0, "max_gap_s": 0})
    await both.forward(seconds=5, step=1)
    link = await both.link(LI)
    [account] = (await both.call("GET", "/accounts"))["items"]
    await both.call("PATCH", f"/accounts/{account['id']}", json={"status": "off"})
    await both.forward(minutes=59)
    await both.call("PATCH", f"/accounts/{account['id']}", json={"status": "active"})
    await both.call("POST", "/stop")
    await both.forward(minutes=2)
    relays = await both.relays(campaign)
    assert (relays["B1"]["state"], relays["B1"]["route"]) == ("planned", "bot")
    assert "机器人代发" in (await both.api.get(link)).text
    answer = await both.presses(link, "done", relays["B1"]["id"])
    assert answer.json()["changed"] is True
    await both.call("POST", "/start")
    await both.forward(minutes=5)
    assert await both.posts(TEXT) == ["-1002"]
    after = (await both.relays(campaign))["B1"]
    assert (after["state"], after["via"], after["late"]) == ("relayed", "leader", True)


async def test_what_no_account_can_post_becomes_a_leaders_by_itself(both: World) -> None:
    kicked = {"platform": "telegram", "target": "-1002", "state": "kicked"}
    await both.sim.post("/_sim/targets", json=kicked)
    campaign = await both.launch()
    await both.forward(seconds=5, step=1)
    relays = await both.relays(campaign)
    assert (relays["B2"]["state"], relays["B2"]["route"]) == ("assigned", "leader")
    assert "B2" in "".join(await both.letters(LI))
    await both.presses(await both.link(LI), "done", relays["B2"]["id"])
    after = (await both.relays(campaign))["B2"]
    assert (after["state"], after["via"]) == ("relayed", "leader")


async def test_the_head_steps_in_for_one_group_after_another(both: World) -> None:
    campaign = await both.launch()
    await both.forward(seconds=5, step=1)
    relays = await both.relays(campaign)
    b1, m1 = relays["B1"]["id"], relays["M1"]["id"]
    wu = await both.call(
        "POST", "/leaders", status=201, json={"name": "Wu", "contact": "telegram:5009", "language": "en"}
    )
    story = await both.call("POST", f"/relays/{m1}/hand-over", json={"leader_id": wu["id"]})
    assert story["leader_name"] == "Wu"
    await both.forward(seconds=3, step=1)
    await both.call("POST", f"/relays/{m1}/nudge")
    await both.forward(seconds=3, step=1)
    assert [letter.split(",")[0] for letter in await both.letters("5009")] == ["Hello Wu", "Wu"]
    assert (await both.call("POST", f"/relays/{m1}/excuse", json={"reason": "merged"}))["state"] == "skipped"
    assert (await both.call("POST", f"/relays/{b1}/post"))["route"] == "bot"
    await both.forward(seconds=3, step=1)
    assert (await both.relays(campaign))["B1"]["state"] == "relayed"
    for verb in ("post", "nudge", "done"):
        body = {} if verb == "done" else None
        refused = await both.api.post(f"/api/v1/relays/{b1}/{verb}", json=body)
        assert refused.status_code == 409, (verb, refused.text)
    assert (await both.campaign(campaign))["status"] == "finished"


async def test_the_head_vouches_for_a_group(both: World) -> None:
    campaign = await both.launch()
    await both.forward(seconds=5, step=1)
    m1 = (await both.relays(campaign))["M1"]["id"]
    story = await both.call("POST", f"/relays/{m1}/done", json={"note": "https://chat.example/m/1"})
    assert (story["state"], story["via"], story["evidence"]) == ("relayed", "head", "proof")
    await both.forward(seconds=3, step=1)
    assert "M1" in (await both.letters(LI))[-1], "whoever was asked hears that it is done"


async def test_nudges_by_hand_end_with_the_days_budget(both: World) -> None:
    campaign = await both.launch()
    await both.forward(seconds=5, step=1)
    m1 = (await both.relays(campaign))["M1"]["id"]
    for _ in range(3):
        await both.call("POST", f"/relays/{m1}/nudge")
        await both.forward(seconds=2, step=1)
    refused = await both.call("POST", f"/relays/{m1}/nudge", status=409)
    assert refused["code"] == "nudged_enough"


async def test_who_missed_it_is_reminded_by_hand_after_the_deadline_and_not_at_night(both: World) -> None:
    campaign = await both.launch(escalation={"steps": []})
    await both.forward(minutes=61)
    relay = (await both.relays(campaign))["M1"]
    assert relay["state"] == "missed"
    before = await both.letters(LI)
    await both.call("POST", f"/relays/{relay['id']}/nudge")
    await both.forward(seconds=5, step=1)
    assert len(await both.letters(LI)) == len(before) + 1
    await both.call("PATCH", f"/groups/{relay['group_id']}", json={"timezone": "Asia/Shanghai"})
    await both.forward(minutes=6 * 60, step=1800)  # past midnight there
    await both.call("POST", f"/relays/{relay['id']}/nudge")
    await both.forward(minutes=60, step=600)
    assert len(await both.letters(LI)) == len(before) + 1
    await both.forward(minutes=9 * 60, step=1800)
    assert "M1" in (await both.letters(LI))[-1]
    assert len(await both.letters(LI)) == len(before) + 2
