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


@pytest.mark.parametrize("how", ["away", "left", "off"])
async def test_whoever_leads_the_branch_instead_is_told_instead(tree: World, how: str) -> None:
    campaign = await launched(tree)
    await reads(tree, ZHAO)
    qian = await leader_id(tree, "Qian")
    if how == "away":
        body = {"from": tree.clock.now().isoformat(), "until": "2026-04-01T00:00:00Z"}
        await tree.call("POST", f"/leaders/{qian}/absences", status=201, json=body)
    elif how == "left":
        assert (await tree.api.delete(f"/api/v1/leaders/{qian}")).status_code == 204
    else:
        [mine] = (await tree.call("GET", "/assignments", params={"leader": qian}))["items"]
        assert (await tree.api.delete(f"/api/v1/assignments/{mine['id']}")).status_code == 204
    await tree.forward(seconds=5, step=1)
    assert await told(tree) == {"Zhao": 1, "Qian": 1, "Wu": 1, "Sun": 1}
    assert [one["leader"] for one in (await tree.campaign(campaign))["tiers"]] == ["Zhao", "Sun"]
    assert "Li" not in await told(tree)
    await reads(tree, SUN)
    assert (await told(tree))["Li"] == 1


async def test_a_branch_in_which_no_group_is_left_holds_up_nobody(tree: World) -> None:
    campaign = await launched(tree)
    relays = await tree.relays(campaign)
    for name in ("C1", "C2"):
        await tree.call("POST", f"/relays/{relays[name]['id']}/excuse", json={"reason": "merged"})
    await reads(tree, ZHAO)
    assert await told(tree) == {"Zhao": 1, "Wu": 1}
    assert (await states(tree, campaign))["Land/East"] == "passed"


async def test_who_takes_a_branch_over_is_asked_for_his_own_groups(tree: World) -> None:
    mine = {"platform": "manual", "routes": "leader", "leader": "Sun", "branch": "Land/East"}
    await tree.groups({"group": "E1", **mine})
    campaign = await launched(tree)
    await reads(tree, ZHAO)
    assert (await tree.relays(campaign))["E1"]["state"] == "planned"
    assert (await tree.api.delete(f"/api/v1/leaders/{await leader_id(tree, 'Qian')}")).status_code == 204
    await tree.forward(seconds=5, step=1)
    assert (await tree.relays(campaign))["E1"]["state"] == "assigned"


@pytest.mark.parametrize("read", [False, True])
async def test_groups_that_fall_to_whoever_leads_the_branch_do_not_wait_for_his_own_word(
    tree: World, read: bool
) -> None:
    campaign = await launched(tree)
    if read:
        await reads(tree, ZHAO)
    assert (await tree.api.delete(f"/api/v1/leaders/{await leader_id(tree, 'Li')}")).status_code == 204
    await tree.forward(seconds=5, step=1)
    if not read:
        assert (await tree.relays(campaign))["C1"]["state"] == "planned", "he waits for Zhao all the same"
        await reads(tree, ZHAO)
    relays = await tree.relays(campaign)
    assert {relays[name]["leader_name"] for name in ("C1", "C2")} == {"Qian"}
    assert {relays[name]["state"] for name in ("C1", "C2")} == {"assigned"}
    assert len(await tree.letters(QIAN)) == (2 if read else 1)


async def test_a_branch_that_nobody_leads_any_more_waits_for_nobody(tree: World) -> None:
    campaign = await launched(tree)
    await reads(tree, ZHAO)
    for name in ("Sun", "Qian"):
        assert (await tree.api.delete(f"/api/v1/leaders/{await leader_id(tree, name)}")).status_code == 204
    await tree.forward(seconds=5, step=1)
    assert (await told(tree))["Li"] == 1
    assert (await states(tree, campaign))["Land/East"] == "passed"


async def test_a_branch_that_nobody_leads_any_more_waits_for_the_one_above(tree: World) -> None:
    campaign = await launched(tree)
    for name in ("Sun", "Qian"):
        assert (await tree.api.delete(f"/api/v1/leaders/{await leader_id(tree, name)}")).status_code == 204
    await tree.forward(seconds=5, step=1)
    assert await told(tree) == {"Zhao": 1}
    assert await states(tree, campaign) == {"Land": "told", "Land/East": "passed"}
    relay = (await tree.relays(campaign))["C1"]
    assert "It waits for Zhao (Land)" in (await tree.call("GET", f"/relays/{relay['id']}"))["why"]
    because = "nobody leads the branch in place of Qian (Land/East): those beneath wait for Zhao (Land)"
    assert because in await said(tree, campaign)
    await reads(tree, ZHAO)
    assert await told(tree) == {"Zhao": 1, "Wu": 1, "Li": 1}


@pytest.mark.parametrize("read", [False, True])
async def test_to_whom_a_branch_falls_who_is_told_above_it_is_not_told_again(tree: World, read: bool) -> None:
    campaign = await launched(tree)
    east = next(one["id"] for one in (await tree.call("GET", "/branches"))["items"] if one["path"] == "Land/East")
    body = {"leader_id": await leader_id(tree, "Zhao"), "branch_id": east, "rank": 1}
    await tree.call("POST", "/assignments", status=201, json=body)
    assert (await tree.api.delete(f"/api/v1/leaders/{await leader_id(tree, 'Sun')}")).status_code == 204
    if read:
        await reads(tree, ZHAO)
    assert (await tree.api.delete(f"/api/v1/leaders/{await leader_id(tree, 'Qian')}")).status_code == 204
    await tree.forward(seconds=5, step=1)
    assert "Li" in await told(tree) or not read
    if not read:
        await reads(tree, ZHAO)
    assert (await told(tree))["Zhao"] == 1
    assert (await told(tree))["Li"] == 1
    assert (await states(tree, campaign))["Land/East"] == "passed"


async def test_who_leads_two_branches_is_told_of_both_at_once_and_says_so_once(tree: World) -> None:
    west = next(one["id"] for one in (await tree.call("GET", "/branches"))["items"] if one["path"] == "Land/West")
    body = {"leader_id": await leader_id(tree, "Qian"), "branch_id": west, "rank": 0}
    await tree.call("POST", "/assignments", status=201, json=body)
    campaign = await launched(tree)
    await reads(tree, ZHAO)
    assert await told(tree) == {"Zhao": 1, "Qian": 1}
    assert "4 groups, 2 leaders" in (await tree.letters(QIAN))[0]
    await reads(tree, QIAN)
    assert await told(tree) == {"Zhao": 1, "Qian": 1, "Li": 1, "Wu": 1}
    assert set((await states(tree, campaign)).values()) == {"read"}


async def test_who_is_away_at_the_launch_holds_up_nobody(tree: World) -> None:
    for name in ("Qian", "Zhao"):
        body = {"from": tree.clock.now().isoformat(), "until": "2026-04-01T00:00:00Z"}
        await tree.call("POST", f"/leaders/{await leader_id(tree, name)}/absences", status=201, json=body)
    campaign = await launched(tree)
    assert await states(tree, campaign) == {"Land/East": "told"}
    assert await told(tree) == {"Sun": 1, "Wu": 1}
    await reads(tree, SUN)
    assert (await told(tree))["Li"] == 1


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
