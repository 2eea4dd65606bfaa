"""Tier by tier, while people come and go: who is told in whose place, and who waits for whom then."""

from datetime import timedelta

import pytest

from tests.stories.test_cascade import QIAN, SUN, ZHAO, launched, leader_id, reads, said, states, told, tree
from tests.world import World

__all__ = ["tree"]  # a fixture


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


async def test_who_is_told_in_anothers_place_is_not_told_again_of_his_own_branch_beneath(tree: World) -> None:
    land = next(one["id"] for one in (await tree.call("GET", "/branches"))["items"] if one["path"] == "Land")
    body = {"leader_id": await leader_id(tree, "Qian"), "branch_id": land, "rank": 1}
    await tree.call("POST", "/assignments", status=201, json=body)
    campaign = await launched(tree)
    zhao = await leader_id(tree, "Zhao")
    his = (await tree.call("GET", "/assignments", params={"leader": zhao}))["items"]
    [leads] = [one for one in his if one["branch_id"] == land]
    assert (await tree.api.delete(f"/api/v1/assignments/{leads['id']}")).status_code == 204
    await tree.forward(seconds=5, step=1)
    assert await told(tree) == {"Zhao": 1, "Qian": 1}
    assert await states(tree, campaign) == {"Land": "told", "Land/East": "passed"}
    because = "Qian leads the branch and is told above it in place of Zhao (Land): those beneath wait for Qian (Land)"
    assert because in await said(tree, campaign)
    await reads(tree, QIAN)
    assert await told(tree) == {"Zhao": 1, "Qian": 1, "Li": 1, "Wu": 1}
    assert await states(tree, campaign) == {"Land": "read", "Land/East": "passed"}, "he was not told of East by itself"


async def test_whoever_led_a_branch_above_that_is_vacant_now_was_not_told_there(tree: World) -> None:
    branches = {one["path"]: one["id"] for one in (await tree.call("GET", "/branches"))["items"]}
    zhao = await leader_id(tree, "Zhao")
    body = {"leader_id": zhao, "branch_id": branches["Land/East"], "rank": 2}
    await tree.call("POST", "/assignments", status=201, json=body)
    campaign = await launched(tree, send_at=(tree.clock.now() + timedelta(hours=1)).isoformat())
    his = (await tree.call("GET", "/assignments", params={"leader": zhao}))["items"]
    [leads] = [one for one in his if one["branch_id"] == branches["Land"]]
    assert (await tree.api.delete(f"/api/v1/assignments/{leads['id']}")).status_code == 204
    assert await states(tree, campaign) == {"Land": "passed", "Land/East": "waiting"}
    for name in ("Sun", "Qian"):
        assert (await tree.api.delete(f"/api/v1/leaders/{await leader_id(tree, name)}")).status_code == 204
    assert await states(tree, campaign) == {"Land": "passed", "Land/East": "waiting"}
    await tree.forward(minutes=61)
    assert await states(tree, campaign) == {"Land": "passed", "Land/East": "told"}
    assert await told(tree) == {"Zhao": 1, "Wu": 1}


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
