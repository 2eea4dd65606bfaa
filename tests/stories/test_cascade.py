"""Tier by tier: whoever leads a branch is told first, and those beneath him after his word or his part of the time."""

from typing import Any

import pytest

from tests.world import World

ZHAO, QIAN, SUN, LI, WU, CHEN = "6001", "6002", "6003", "6004", "6005", "6006"
CONTACTS = {"Zhao": ZHAO, "Qian": QIAN, "Sun": SUN, "Chen": CHEN}


@pytest.fixture
async def tree(world: World) -> World:
    """Zhao leads the land and posts in L1 himself; Qian leads East, Sun is his deputy. In East/City Li has C1 and C2,
    in West Wu has W1. An account posts in B1. The head is Chen."""
    await world.account("bot")
    mine = {"platform": "manual", "routes": "leader"}
    await world.groups(
        {"group": "L1", "branch": "Land", "leader": "Zhao", "leader_contact": f"telegram:{ZHAO}", **mine},
        {"group": "C1", "branch": "Land/East/City", "leader": "Li", "leader_contact": f"telegram:{LI}", **mine},
        {"group": "C2", "branch": "Land/East/City", "leader": "Li", **mine},
        {"group": "W1", "branch": "Land/West", "leader": "Wu", "leader_contact": f"telegram:{WU}", **mine},
        {"group": "B1", "branch": "Land/West", "platform": "telegram", "address": "-100", "routes": "bot"},
    )
    branches = {one["path"]: one["id"] for one in (await world.call("GET", "/branches"))["items"]}
    for name, branch, rank in (("Zhao", "Land", 0), ("Qian", "Land/East", 0), ("Sun", "Land/East", 1)):
        leader = await leader_id(world, name)
        body = {"leader_id": leader, "branch_id": branches[branch], "rank": rank}
        await world.call("POST", "/assignments", status=201, json=body)
    await world.call("PATCH", "/center", json={"head_id": await leader_id(world, "Chen")})
    return world


async def leader_id(world: World, name: str) -> str:
    for one in (await world.call("GET", "/leaders", params={"q": name}))["items"]:
        return str(one["id"])
    body = {"name": name, "contact": f"telegram:{CONTACTS[name]}", "language": "en"}
    return str((await world.call("POST", "/leaders", status=201, json=body))["id"])


async def told(world: World) -> dict[str, int]:
    """How many letters each of them has had."""
    chats = {"Zhao": ZHAO, "Qian": QIAN, "Sun": SUN, "Li": LI, "Wu": WU}
    counted = {name: len(await world.letters(chat)) for name, chat in chats.items()}
    return {name: number for name, number in counted.items() if number}


async def launched(world: World, **body: Any) -> str:
    campaign = await world.launch(cascade="tier_by_tier", **body)
    await world.forward(seconds=5, step=1)
    return campaign


async def reads(world: World, chat: str) -> None:
    answer = await world.api.post(f"{await world.link(chat)}/read")
    assert answer.status_code == 303, answer.text
    await world.forward(seconds=5, step=1)


async def states(world: World, campaign: str) -> dict[str, str]:
    tiers = (await world.campaign(campaign))["tiers"]
    return {one["branch"]: one["state"] for one in tiers}


async def said(world: World, campaign: str) -> list[str]:
    relays = await world.relays(campaign)
    story = await world.call("GET", f"/relays/{relays['C1']['id']}")
    return [event["reason"] for event in story["events"] if event["subject"] == "relay"]


async def test_each_tier_is_told_after_the_one_above_has_read_it_and_nobody_twice(tree: World) -> None:
    campaign = await launched(tree)
    assert await told(tree) == {"Zhao": 1}
    assert await tree.posts("Please stay indoors until 18:00.") == ["-100"], "an account waits for nobody"
    [letter] = await tree.letters(ZHAO)
    assert "5 个群" in letter
    assert "2 位负责人" in letter
    assert "1 个群由您自己转发" in letter
    relays = await tree.relays(campaign)
    assert {name: relay["state"] for name, relay in relays.items()} == {
        "L1": "assigned",
        "B1": "relayed",
        **dict.fromkeys(("C1", "C2", "W1"), "planned"),
    }
    story = await tree.call("GET", f"/relays/{relays['C1']['id']}")
    assert story["why"].startswith("It waits for Qian (Land/East) until 2026-03-02 09:24:00 UTC")
    assert await states(tree, campaign) == {"Land": "told", "Land/East": "waiting"}
    await reads(tree, ZHAO)
    assert await told(tree) == {"Zhao": 1, "Qian": 1, "Wu": 1}
    assert "2 groups, 1 leaders" in (await tree.letters(QIAN))[0]
    await reads(tree, QIAN)
    assert await told(tree) == {"Zhao": 1, "Qian": 1, "Wu": 1, "Li": 1}
    assert await states(tree, campaign) == {"Land": "read", "Land/East": "read"}
    await reads(tree, ZHAO)
    await tree.forward(minutes=20)
    assert await told(tree) == {"Zhao": 1, "Qian": 1, "Wu": 1, "Li": 1}
    assert (await tree.relays(campaign))["C1"]["deadline_at"] == relays["C1"]["deadline_at"]
    assert "read by Qian (Land/East): those beneath are asked" in await said(tree, campaign)


async def test_a_sleeping_regional_leader_stops_his_branch_no_longer_than_his_part(tree: World) -> None:
    campaign = await launched(tree)
    await tree.forward(minutes=5, seconds=50, step=10)
    assert await told(tree) == {"Zhao": 1}
    await tree.forward(minutes=6, step=10)
    assert await told(tree) == {"Zhao": 2}, "reminded once, when half of his time was over"
    assert (await tree.letters(ZHAO))[-1].startswith("Zhao，提醒一下：")
    await tree.forward(seconds=15, step=1)
    assert await told(tree) == {"Zhao": 2, "Qian": 1, "Wu": 1}
    await tree.forward(minutes=13)
    assert await told(tree) == {"Zhao": 2, "Qian": 2, "Wu": 1, "Li": 1}
    assert "a reminder: “" in (await tree.letters(QIAN))[-1]
    assert await states(tree, campaign) == {"Land": "passed", "Land/East": "passed"}
    assert "not read by Qian (Land/East) until 2026-03-02 09:24 UTC: those beneath are asked" in await said(
        tree, campaign
    )
    await reads(tree, QIAN)
    assert (await states(tree, campaign))["Land/East"] == "read"
    assert (await told(tree))["Li"] == 1


async def reminders(world: World) -> int:
    return sum("还在等您过目" in letter for letter in await world.letters(ZHAO))


async def test_whoever_had_his_nudges_of_the_day_is_not_reminded_of_his_tier(tree: World) -> None:
    campaign = await launched(tree)
    own = (await tree.relays(campaign))["L1"]["id"]
    for _ in range(3):
        await tree.forward(minutes=1)
        await tree.call("POST", f"/relays/{own}/nudge")
    await tree.forward(minutes=8)
    assert await told(tree) == {"Zhao": 4}


@pytest.mark.parametrize(("hours", "once"), [(10, 0), (60, 1)])
async def test_a_reminder_waits_for_the_morning_unless_the_tier_opens_before(
    tree: World, hours: int, once: int
) -> None:
    await tree.call("PATCH", "/center", json={"timezone": "Asia/Kamchatka"})  # it is 21:00 there
    await launched(tree, relay_minutes=hours * 60)
    await tree.forward(minutes=60 * 10 + 50, step=600)
    assert await reminders(tree) == 0
    await tree.forward(minutes=60, step=600)
    assert await reminders(tree) == once


async def test_a_worker_that_was_down_still_tells_every_tier(tree: World) -> None:
    await launched(tree)
    await tree.forward(minutes=28, step=1680)
    assert await told(tree) == {"Zhao": 1, "Qian": 1, "Wu": 1, "Li": 1}


async def test_stop_holds_the_tiers_too(tree: World) -> None:
    campaign = await launched(tree)
    await tree.call("POST", f"/campaigns/{campaign}/pause")
    await reads(tree, ZHAO)
    await tree.forward(minutes=5)
    assert await told(tree) == {"Zhao": 1}
    await tree.call("POST", f"/campaigns/{campaign}/resume")
    await tree.call("POST", "/stop")
    await tree.forward(minutes=5)
    assert await told(tree) == {"Zhao": 1}
    await tree.call("POST", "/start")
    await tree.forward(seconds=5, step=1)
    assert (await told(tree))["Qian"] == 1
    await tree.call("POST", f"/campaigns/{campaign}/cancel")
    await tree.forward(minutes=30)
    assert "Li" not in await told(tree)
    assert (await tree.api.post(f"{await tree.link(QIAN)}/read")).status_code == 410


async def test_preflight_says_who_comes_first_and_until_when(tree: World) -> None:
    draft = await tree.draft(cascade="tier_by_tier")
    seen = await tree.call("POST", f"/campaigns/{draft}/preflight")
    [found] = [one for one in seen["warnings"] if one["code"] == "cascade"]
    assert found["examples"] == ["Zhao", "Qian"]
    assert found["groups"] == 3
    assert "at the latest 2026-03-02 09:24 UTC" in found["message"]
    await tree.groups({"group": "M1", "platform": "manual", "leader": "Mo", "leader_contact": "telegram:7"})
    [mine] = [one["id"] for one in (await tree.call("GET", "/groups"))["items"] if one["name"] == "M1"]
    draft = await tree.draft(cascade="tier_by_tier", audience={"groups": [mine]})
    seen = await tree.call("POST", f"/campaigns/{draft}/preflight")
    assert "cascade_flat" in [one["code"] for one in seen["warnings"]]


async def test_at_once_nobody_waits(tree: World) -> None:
    campaign = await tree.launch()
    await tree.forward(seconds=5, step=1)
    assert await told(tree) == {"Zhao": 1, "Wu": 1, "Li": 1}
    assert (await tree.campaign(campaign))["tiers"] == []
