"""Customer groups of WeCom's: their owner is asked to send it himself, and only WeCom's word that he did counts."""

from urllib.parse import urlsplit

import pytest

from tests.stories.customers import GROUPS, TEXT, asked, customers, press, states, story
from tests.world import World


async def test_one_owner_is_asked_once_for_all_his_groups_and_nothing_is_sent_until_wecom_says_so(world: World) -> None:
    await customers(world)
    campaign = await world.launch()
    await world.forward(seconds=2, step=1)
    assert len(await asked(world)) == 1
    assert await states(world, campaign) == {"A": "assigned", "B": "assigned"}
    assert (await world.relays(campaign))["A"]["reason"] == "Wang was asked by the platform itself to send it"
    [held] = (await world.call("POST", f"/campaigns/{campaign}/links", status=201))["items"]
    said = {
        "zh": ("企业微信已经请你发这一条", "不用复制。"),
        "en": ("WeCom has asked you to send this", "nothing to copy"),
    }
    for tongue, (words, lead) in said.items():
        page = (await world.api.get(f"{urlsplit(held['url']).path}?lang={tongue}")).text
        assert (page.count(words), page.count(lead)) == (len(GROUPS), 1)
        assert 'value="done"' not in page
    await world.forward(minutes=10, step=150)
    assert await states(world, campaign) == {"A": "assigned", "B": "assigned"}
    assert await world.received() == []
    [task] = await asked(world)
    assert await press(world, task) == 200
    await world.forward(minutes=2)
    for relay in (await world.relays(campaign)).values():
        assert (relay["state"], relay["via"], relay["evidence"]) == ("relayed", "leader", "platform_verified")
        assert relay["late"] is False
    assert await world.posts(TEXT) == ["wrAlpha", "wrBeta"]
    assert (await world.campaign(campaign))["status"] == "finished"
    record = await world.call("GET", f"/leaders/{held['leader_id']}/record")
    assert (record["on_time"], record["reliability"]) == (2, 1.0)


async def test_what_is_no_group_of_the_owners_goes_to_its_leader_by_link(world: World) -> None:
    await customers(world)
    await world.sim.post("/_sim/targets", json={"platform": "wecom_customers", "target": "wrBeta", "state": "unknown"})
    campaign = await world.launch()
    await world.forward(seconds=3, step=1)
    assert await states(world, campaign) == {"A": "assigned", "B": "assigned"}
    assert any("no group of this owner's" in line for line in await story(world, campaign, "B"))
    [task] = await asked(world)
    await press(world, task)
    await world.forward(minutes=2)
    assert await states(world, campaign) == {"A": "relayed", "B": "assigned"}


@pytest.mark.parametrize(("routes", "state"), [("bot;leader", "assigned"), ("bot", "failed")])
async def test_a_group_that_wecom_refuses_becomes_its_leaders_or_fails(world: World, routes: str, state: str) -> None:
    await customers(world, routes=routes)
    campaign = await world.launch()
    await world.forward(seconds=3, step=1)
    [task] = await asked(world)
    await world.sim.post("/_sim/targets", json={"platform": "wecom_customers", "target": "wrBeta", "state": "kicked"})
    await world.forward(minutes=20, step=300)
    await press(world, task)
    await world.forward(minutes=4, seconds=2, step=120)
    assert await states(world, campaign) == {"A": "relayed", "B": state}
    found = await world.relays(campaign)
    assert any("this is not a customer group" in line for line in await story(world, campaign, "B"))
    assert (found["B"]["deadline_at"] > found["A"]["deadline_at"]) is (state == "assigned")


async def test_a_silent_owner_is_reminded_by_wecom_then_passed_over_and_cannot_send_it_any_more(world: World) -> None:
    await customers(world)
    campaign = await world.launch(
        escalation={
            "steps": [
                {"action": "remind", "at_percent": 20, "times": 4, "every_percent": 10},
                {"action": "deputy", "at_percent": 100},
            ]
        }
    )
    await world.forward(minutes=59, step=120)
    [task] = await asked(world)
    sent = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    assert [one["state"] for one in sent if one["kind"] == "nudge"] == ["sent"] * 3
    assert await states(world, campaign) == {"A": "assigned", "B": "assigned"}
    await world.forward(minutes=5)
    assert await states(world, campaign) == {"A": "missed", "B": "missed"}
    assert (await world.missed(campaign))["A"]["leader"] == "Li"
    assert await press(world, task) == 409
    assert await world.received() == []


async def test_a_late_press_before_the_withdrawal_counts_as_late(world: World) -> None:
    await customers(world)
    campaign = await world.launch(relay_minutes=10, escalation={"steps": [{"action": "remind", "at_percent": 50}]})
    await world.forward(minutes=12)
    assert await states(world, campaign) == {"A": "missed", "B": "missed"}
    [task] = await asked(world)
    assert await press(world, task) == 200
    await world.forward(minutes=3)
    relay = (await world.relays(campaign))["A"]
    assert (relay["state"], relay["late"], relay["evidence"]) == ("relayed", True, "platform_verified")


@pytest.mark.parametrize("pressed", [False, True])
async def test_a_cancelled_campaign_is_taken_from_its_owner_and_what_he_had_sent_is_told(
    world: World, pressed: bool
) -> None:
    await customers(world)
    campaign = await world.launch()
    await world.forward(seconds=3, step=1)
    [task] = await asked(world)
    if pressed:
        await press(world, task)
    await world.call("POST", f"/campaigns/{campaign}/cancel")
    await world.forward(seconds=10, step=2)
    assert await press(world, task) == 409
    assert await states(world, campaign) == dict.fromkeys(GROUPS, "relayed" if pressed else "cancelled")


async def test_a_pause_takes_the_task_back_and_the_owner_is_asked_anew_when_it_goes_on(world: World) -> None:
    await customers(world)
    campaign = await world.launch()
    await world.forward(seconds=3, step=1)
    [first] = await asked(world)
    await world.call("POST", f"/campaigns/{campaign}/pause")
    await world.forward(seconds=10, step=2)
    assert await press(world, first) == 409
    assert await states(world, campaign) == {"A": "planned", "B": "planned"}
    await world.forward(minutes=5)
    assert await asked(world) == [first]
    await world.call("POST", f"/campaigns/{campaign}/resume")
    await world.forward(seconds=5, step=1)
    [_, second] = await asked(world)
    assert await press(world, second) == 200
    await world.forward(minutes=2)
    assert await states(world, campaign) == {"A": "relayed", "B": "relayed"}
    assert await world.posts(TEXT) == ["wrAlpha", "wrBeta"]


async def test_groups_that_have_had_all_of_a_month_are_named_beforehand_and_go_by_link(world: World) -> None:
    await customers(world, limits=[{"scope": "chat", "count": 1, "period": "month"}])
    first = await world.launch(audience={"groups": [(await world.call("GET", "/groups"))["items"][0]["id"]]})
    await world.forward(seconds=3, step=1)
    [task] = await asked(world)
    await press(world, task)
    await world.forward(minutes=2)
    [done] = await world.relays(first)
    second = await world.draft(body="Another text")
    seen = await world.call("POST", f"/campaigns/{second}/preflight")
    found = {one["code"]: one for one in seen["warnings"]}
    assert (found["no_quota_by_link"]["groups"], found["no_quota_by_link"]["examples"]) == (1, [done])
    assert found["asks_owners"]["groups"] == 1
    await world.call("POST", f"/campaigns/{second}/launch", status=202)
    await world.forward(seconds=3, step=1)
    assert await states(world, second) == {"A": "assigned", "B": "assigned"}
    [_, task] = await asked(world)
    await press(world, task)
    await world.forward(minutes=2)
    assert await states(world, second) == {**dict.fromkeys(GROUPS, "relayed"), done: "assigned"}


@pytest.mark.parametrize(
    ("routes", "state", "code"), [("bot;leader", "assigned", "no_owner_by_link"), ("bot", "failed", "no_owner")]
)
async def test_an_owner_whom_wecom_does_not_know_is_named_beforehand(
    world: World, routes: str, state: str, code: str
) -> None:
    await customers(world, routes=routes, contact="none")
    campaign = await world.draft()
    seen = await world.call("POST", f"/campaigns/{campaign}/preflight")
    assert {one["code"]: sorted(one["examples"]) for one in seen["warnings"]}[code] == ["A", "B"]
    if state == "assigned":
        await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
        await world.forward(seconds=3, step=1)
        assert await states(world, campaign) == {"A": state, "B": state}
        assert await asked(world) == []


async def test_an_account_that_asks_nobody_is_not_taken_for_a_customer_group(world: World) -> None:
    for name, more in (("app", {"agent_id": "1000002"}), ("customers", {})):
        secret = {"corp_id": "ww_story", "corp_secret": "s", **more}
        await world.account(name, "wecom", secret=secret, base_url=world.platform)
    group = {"name": "A", "platform": "wecom", "address": "wrAlpha"}
    refused = await world.call("POST", "/groups", status=422, json={**group, "account": "app"})
    assert refused["errors"][0]["pointer"] == "/account"
    assert "an account with corp_id and corp_secret can" in refused["errors"][0]["message"]
    made = await world.call("POST", "/groups", status=201, json=group)
    assert made["address"] == "wrAlpha"
    assert (await world.call("POST", f"/accounts/{made['account_id']}/check"))["works"] is True
