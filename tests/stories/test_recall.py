"""Recall: what stands is taken back where its platform can, its leaders are asked, and the rest is named."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from tests.world import World

TEXT = "Please stay indoors until 18:00."
MANY = 4


@pytest.fixture
async def posted(world: World) -> World:
    """A center with four Telegram groups, a WeCom robot, which can take nothing back, and two groups of Wang's."""
    await world.account("bot")
    wang = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(MANY)),
        {"group": "R", "platform": "wecom", "address": world.wecom("robot-0001")},
        {"group": "W1", **wang},
        {"group": "W2", **wang},
    )
    return world


async def _recall(world: World, campaign: str, status: int = 202, **body: Any) -> Any:
    return await world.call("POST", f"/campaigns/{campaign}/recall", status=status, json=body)


async def _relayed(world: World, **body: Any) -> str:
    """A campaign that stands everywhere but in W2, whose leader has not said so."""
    campaign = await world.launch(**body)
    await world.forward(seconds=5, step=1)
    relays = await world.relays(campaign)
    await world.presses(await world.link("5001"), "done", relays["W1"]["id"])
    return campaign


def _seconds(later: str, earlier: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


async def test_what_stands_is_taken_back_once_and_the_rest_is_named_with_its_reason(posted: World) -> None:
    campaign = await _relayed(posted)
    answer = await _recall(posted, campaign)
    assert answer["control"] == "cancelled"
    assert answer["recall"]["counts"] == {"wanted": 0, "begun": MANY, "asked": 1, "impossible": 1, "done": 0}
    [left] = answer["recall"]["left"]
    assert (left["group"], "cannot take a message back" in left["reason"]) == ("R", True)
    await posted.forward(seconds=30, step=5)
    await _recall(posted, campaign)
    await posted.forward(seconds=30, step=5)
    assert sorted(await posted.changes()) == [("taken_back", f"-100{n}", "") for n in range(MANY)]
    seen = await posted.campaign(campaign)
    assert seen["recall"]["counts"] == {"wanted": 0, "begun": 0, "asked": 1, "impossible": 1, "done": MANY}
    assert (seen["counts"]["relayed"], seen["counts"]["cancelled"]) == (MANY + 2, 1)
    relays = await posted.relays(campaign)
    assert (relays["T0"]["state"], relays["T0"]["recall"]) == ("relayed", "done")
    assert _seconds(relays["T0"]["recalled_at"], relays["T0"]["relayed_at"]) >= 5
    assert [relays[name]["recalled_at"] for name in ("R", "W1", "W2")] == [None] * 3
    assert await posted.missed(campaign) == {}
    assert await posted.violations() == 0
    events = (await posted.call("GET", f"/relays/{relays['T0']['id']}"))["events"]
    mine = [(one["became"], one["actor"]) for one in events if one["subject"] == "recall"]
    assert mine == [("wanted", "key:head"), ("begun", "muster"), ("done", "muster")]


async def test_a_leader_who_posted_it_gets_one_letter_and_who_has_not_is_told_it_is_off(posted: World) -> None:
    campaign = await _relayed(posted)
    link = await posted.link("5001")
    await posted.presses(link, "done", (await posted.relays(campaign))["W2"]["id"])
    await _recall(posted, campaign)
    await posted.forward(minutes=2)
    letters = (await posted.letters("5001"))[1:]
    assert len(letters) == 1
    assert ("撤回" in letters[0], "W1" in letters[0], "W2" in letters[0]) == (True, True, True)
    assert (await posted.api.get(link)).status_code == 200
    [letter] = [
        one
        for one in (await posted.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200}))["items"]
        if one["kind"] == "recall" and one["leader_name"]
    ]
    assert letter["state"] == "sent"


async def test_only_the_groups_that_are_named_are_taken_back_and_the_campaign_goes_on(posted: World) -> None:
    await posted.sim.post("/_sim/faults", json={"target": "-1001", "kind": "throttle", "retry_after": 300})
    campaign = await posted.launch()
    relays = await posted.relays(campaign)
    assert relays["T1"]["state"] == "planned"
    groups = [relays[name]["group_id"] for name in ("T0", "T1", "W1")]
    answer = await _recall(posted, campaign, groups=groups)
    assert answer["control"] == "running"
    await posted.forward(minutes=10)
    assert await posted.changes() == [("taken_back", "-1000", "")]
    assert await posted.posts(TEXT) == ["-1000", "-1002", "-1003", "robot-0001"], "what had not left did not leave"
    states = {name: relay["state"] for name, relay in (await posted.relays(campaign)).items()}
    assert (states["T1"], states["W1"], states["W2"]) == ("cancelled", "cancelled", "assigned")


async def test_a_paused_campaign_takes_back_though_nothing_else_leaves(posted: World) -> None:
    await posted.sim.post("/_sim/faults", json={"target": "-1001", "kind": "throttle", "retry_after": 10})
    campaign = await posted.launch()
    await posted.call("POST", f"/campaigns/{campaign}/pause")
    group = (await posted.relays(campaign))["T2"]["group_id"]
    await _recall(posted, campaign, groups=[group])
    await posted.forward(seconds=30, step=5)
    assert await posted.changes() == [("taken_back", "-1002", "")]
    assert "-1001" not in await posted.posts(TEXT)
    assert (await posted.campaign(campaign))["deliveries"]["due"] == 1


async def test_a_recall_without_an_answer_is_repeated_and_the_kill_switch_holds_it(posted: World) -> None:
    campaign = await _relayed(posted)
    await posted.call("POST", "/stop")
    for kind in ("drop_after_accept", "reset", "throttle"):
        await posted.sim.post("/_sim/faults", json={"target": "-1000", "kind": kind})
    await _recall(posted, campaign)
    await posted.forward(seconds=30, step=5)
    assert await posted.changes() == []
    await posted.call("POST", "/start")
    await posted.forward(minutes=5)
    assert sorted(await posted.changes()) == [("taken_back", f"-100{n}", "") for n in range(MANY)]
    assert (await posted.relays(campaign))["T0"]["recall"] == "done"
    assert (await posted.campaign(campaign))["deliveries"]["uncertain"] == 0


async def test_what_is_in_doubt_is_taken_back_when_it_turns_out_to_stand(posted: World) -> None:
    await posted.sim.post("/_sim/faults", json={"target": "-1003", "kind": "drop_after_accept"})
    campaign = await posted.launch()
    await _recall(posted, campaign)
    await posted.forward(seconds=30, step=5)
    relay = (await posted.relays(campaign))["T3"]
    assert (relay["state"], relay["recall"]) == ("uncertain", "wanted")
    deliveries = (await posted.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    await posted.call("POST", f"/deliveries/{deliveries[0]['id']}/resolve", json={"outcome": "sent"})
    await posted.forward(minutes=1)
    relay = (await posted.relays(campaign))["T3"]
    assert (relay["recall"], relay["recall_reason"]) == (
        "impossible",
        "the platform never told this message's number",
    )


async def test_what_is_too_old_stays_and_a_moved_chat_is_never_asked_with_an_old_number(posted: World) -> None:
    campaign = await _relayed(posted, relay_minutes=4 * 24 * 60)
    group = (await posted.relays(campaign))["T0"]["group_id"]
    await posted.call("PATCH", f"/groups/{group}", json={"address": "-100999"})
    await _recall(posted, campaign, groups=[group])
    await posted.forward(seconds=30, step=5)
    relay = (await posted.relays(campaign))["T0"]
    assert (relay["recall"], "another address" in relay["recall_reason"]) == ("impossible", True)
    await posted.forward(minutes=49 * 60, step=6 * 3600)
    await _recall(posted, campaign)
    await posted.forward(seconds=30, step=5)
    assert await posted.changes() == []
    relay = (await posted.relays(campaign))["T1"]
    assert (relay["recall"], relay["recall_reason"]) == (
        "impossible",
        "telegram takes back only what is younger than 48 hours",
    )


async def test_two_who_ask_at_once_have_it_taken_back_once(posted: World) -> None:
    campaign = await _relayed(posted)
    await asyncio.gather(*(_recall(posted, campaign) for _ in range(5)))
    await posted.forward(seconds=30, step=5)
    listed = await posted.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200})
    recalls = [one for one in listed["items"] if one["kind"] == "recall"]
    assert (len(recalls), {one["state"] for one in recalls}) == (MANY + 1, {"sent"})
    assert len(await posted.letters("5001")) == 2


async def test_a_draft_has_nothing_to_take_back(posted: World) -> None:
    draft = await posted.draft()
    assert (await _recall(posted, draft, 409))["code"] == "wrong_state"
    assert (await posted.campaign(draft))["recall"] is None


async def test_what_proves_never_to_have_stood_there_is_done_with(world: World) -> None:
    await world.groups({"group": "R", "platform": "wecom", "address": world.wecom("key-00000001")})
    await world.sim.post("/_sim/faults", json={"platform": "wecom", "kind": "reset"})
    campaign = await world.launch()
    await _recall(world, campaign)
    [lost] = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    await world.call("POST", f"/deliveries/{lost['id']}/resolve", json={"outcome": "not_sent"})
    await world.forward(minutes=1, step=10)
    assert (await world.campaign(campaign))["recall"]["counts"]["done"] == 1
    assert await world.received() == []


async def test_whoever_posted_it_is_asked_to_delete_it_whoever_was_asked_last(world: World) -> None:
    await world.account("bot")
    await world.groups(
        {"group": "M1", "platform": "manual", "leader": "Li", "leader_contact": "telegram:5002", "deputies": "Wu"},
        {"group": "M2", "platform": "manual", "leader": "Wu", "leader_contact": "telegram:5009"},
        {"group": "M3", "platform": "manual", "leader": "Wu", "leader_contact": "telegram:5009"},
    )
    chen = {"name": "Chen", "contact": "telegram:5010", "language": "en"}
    head = await world.call("POST", "/leaders", status=201, json=chen)
    await world.call("PATCH", "/center", json={"head_id": head["id"]})
    campaign = await world.launch()
    await world.forward(seconds=30)
    links = {who: await world.link(who) for who in ("5002", "5009")}
    await world.forward(minutes=62)
    relays = await world.relays(campaign)
    assert relays["M1"]["leader_name"] == "Wu"
    await world.presses(links["5002"], "done", relays["M1"]["id"])
    await world.presses(links["5009"], "done", relays["M2"]["id"])
    await world.call("POST", f"/relays/{relays['M3']['id']}/done", json={"note": "I posted it myself"})
    await world.forward(minutes=1)
    before = {who: len(await world.letters(who)) for who in ("5002", "5009", "5010")}
    await _recall(world, campaign, groups=[relay["group_id"] for relay in relays.values()])
    await world.forward(minutes=2)
    told = {who: (await world.letters(who))[count:] for who, count in before.items()}
    named = {who: [group for group in relays if group in letter] for who, [letter] in told.items()}
    assert named == {"5002": ["M1"], "5009": ["M2"], "5010": ["M3"]}
