"""The regional leader's page: his branch and nothing else, a reminder within bounds, a hand-over once."""

import re
from typing import Any

import httpx
import pytest

from tests.stories.test_cascade import LI, QIAN, WU, leader_id, tree
from tests.words import without_secrets
from tests.world import World

__all__ = ["tree"]  # a fixture


@pytest.fixture
async def land(tree: World) -> World:
    """The tree of the cascade; Sun stands beside Li in C1, and Wu's group lies outside Qian's branch."""
    groups = {one["name"]: one["id"] for one in (await tree.call("GET", "/groups"))["items"]}
    body = {"leader_id": await leader_id(tree, "Sun"), "group_id": groups["C1"], "rank": 1}
    await tree.call("POST", "/assignments", status=201, json=body)
    return tree


async def his_link(world: World, campaign: str, name: str) -> str:
    """A fresh link of this leader, as the head hands it out on paper."""
    links = (await world.call("POST", f"/campaigns/{campaign}/links", status=201))["items"]
    return next("/r/" + one["url"].split("/r/", 1)[1] for one in links if one["leader"] == name)


async def briefed(world: World) -> tuple[str, str]:
    """A campaign tier by tier whose every tier was read; and Qian's link."""
    campaign = await world.launch(cascade="tier_by_tier")
    await world.forward(seconds=5, step=1)
    await world.forward(minutes=13)
    link = await world.link(QIAN)
    await world.api.post(f"{link}/read")
    await world.forward(seconds=5, step=1)
    return campaign, link


def forms(page: str, relay: str) -> dict[str, str]:
    """The hidden fields of one group's buttons."""
    form = page.split(f"/branch/relays/{relay}", 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) | {"lang": "en"}


async def press(world: World, link: str, relay: str, **fields: Any) -> httpx.Response:
    return await world.api.post(f"{link}/relays/{relay}", data=fields)


async def test_he_sees_his_branch_and_nothing_else(land: World) -> None:
    campaign, link = await briefed(land)
    page = (await land.api.get(link, params={"lang": "en"})).text
    assert all(name in page for name in ("C1", "C2", "Li has it", "Please stay indoors", "Land/East"))
    shown = without_secrets(page)
    assert not any(name in shown for name in (">L1<", ">W1<", ">B1<", "Wu", "Zhao", "Land/West"))
    assert len(page.encode()) < 100_000
    chinese = (await land.api.get(link, params={"lang": "zh"})).text
    assert "我负责的分支" in chinese
    relays = await land.relays(campaign)
    before = await land.letters(WU)
    for name in ("W1", "L1", "B1"):
        for action in ("nudge", "hand_over"):
            wu = await leader_id(land, "Wu")
            answer = await press(land, link, relays[name]["id"], action=action, nudges=0, has=wu)
            assert answer.status_code == 404
    await land.forward(seconds=5, step=1)
    assert await land.letters(WU) == before
    li = await land.link(LI)
    assert (await land.api.get(f"{li}/branch")).status_code == 404
    answer = await press(land, f"{li}/branch", relays["C1"]["id"], action="nudge", nudges=0)
    assert answer.status_code == 404, "the group is his, and the branch is not"
    assert (await land.api.post(f"{li}/branch/read")).status_code == 404


async def test_of_another_campaign_he_sees_and_moves_nothing(land: World) -> None:
    _, link = await briefed(land)
    other = await land.launch(title="Another", body="Other words.")
    await land.forward(seconds=5, step=1)
    relay = (await land.relays(other))["C1"]
    assert "Other words." not in (await land.api.get(link)).text
    assert (await press(land, link, relay["id"], action="nudge", nudges=0)).status_code == 404


async def test_a_reminder_is_one_however_often_it_is_pressed_and_three_a_day(land: World) -> None:
    campaign, link = await briefed(land)
    relay = (await land.relays(campaign))["C1"]["id"]
    told = len(await land.letters(LI))
    for turn in (1, 2, 3):
        fields = forms((await land.api.get(link)).text, relay)
        assert fields["nudges"] == str(turn - 1)
        for _ in range(3):
            answer = await press(land, link, relay, **{**fields, "action": "nudge"})
            assert answer.headers["location"].endswith("told=nudge")
        await land.forward(seconds=5, step=1)
        letters = await land.letters(LI)
        assert len(letters) == told + turn
        assert "C1" in letters[-1]
        assert "C2" in letters[-1], "one reminder about all of a leader's open groups"
    answer = await press(land, link, relay, action="nudge", nudges=3, lang="en")
    assert "told=nudged_enough" in answer.headers["location"]
    assert "enough for a day" in (await land.api.get(answer.headers["location"].split("test")[-1])).text
    story = await land.call("GET", f"/relays/{relay}")
    assert [one["actor"] for one in story["events"] if one["reason"].startswith("reminded by")] == ["leader:Qian"] * 3


async def test_a_group_goes_to_the_next_in_line_of_the_branch_once(land: World) -> None:
    campaign, link = await briefed(land)
    relays = await land.relays(campaign)
    fields = forms((await land.api.get(link)).text, relays["C1"]["id"]) | {"action": "hand_over"}
    for _ in range(3):
        assert (await press(land, link, relays["C1"]["id"], **fields)).status_code == 303
    now = await land.relays(campaign)
    assert (now["C1"]["leader_name"], now["C2"]["leader_name"]) == ("Sun", "Li")
    fields = forms((await land.api.get(link)).text, relays["C2"]["id"]) | {"action": "hand_over"}
    await press(land, link, relays["C2"]["id"], **fields)
    assert (await land.relays(campaign))["C2"]["leader_name"] == "Qian", "who has nobody else takes it himself"
    answer = await press(land, link, relays["C2"]["id"], action="hand_over", has=await leader_id(land, "Qian"))
    assert "C2" in (await land.api.get(link)).text
    assert answer.headers["location"].endswith(("told=hand_over", "told=nobody_in_line"))
    assert (await land.relays(campaign))["C2"]["leader_name"] in {"Qian", "Sun"}, "never to anybody above him"


async def test_a_page_that_is_looked_at_or_sent_from_elsewhere_does_nothing(land: World) -> None:
    campaign, link = await briefed(land)
    relay = (await land.relays(campaign))["C1"]["id"]
    told = len(await land.letters(LI))
    for path in (link, f"{link}/relays/{relay}", f"{link}/read"):
        await land.api.get(path)
        await land.api.head(path)
    answer = await land.api.post(
        f"{link}/relays/{relay}", data={"action": "nudge", "nudges": 0}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    for odd in ("", "-1", "x", "9" * 40):
        await press(land, link, relay, action="nudge", nudges=odd)
        assert (await land.api.get(link, params={"page": odd})).status_code == 200
    await land.forward(seconds=5, step=1)
    assert len(await land.letters(LI)) == told


async def test_it_works_for_a_campaign_at_once_too(land: World) -> None:
    campaign = await land.launch()
    await land.forward(seconds=5, step=1)
    link = await his_link(land, campaign, "Zhao")
    own = (await land.api.get(link)).text
    assert "/branch" in own
    page = (await land.api.get(f"{link}/branch", params={"lang": "en"})).text
    assert all(name in page for name in ("L1", "C1", "W1", "B1"))
    assert "I have read it" not in page
    await land.call("POST", f"/campaigns/{campaign}/cancel")
    assert "called off" in (await land.api.get(f"{link}/branch", params={"lang": "en"})).text


async def test_machines_have_the_same_page_and_the_same_acts(land: World) -> None:
    await land.launch(cascade="tier_by_tier")
    await land.forward(seconds=5, step=1)
    await land.forward(minutes=13)
    where = f"/hooks/ack/{(await land.link(QIAN)).removeprefix('/r/').removesuffix('/branch')}/branch"
    seen = (await land.api.get(where)).json()
    assert (seen["read"], seen["until_at"] is not None) == (False, True)
    assert [(await land.api.post(f"{where}/read")).json()["changed"] for _ in range(2)] == [True, False]
    await land.forward(seconds=5, step=1)
    seen = (await land.api.get(where)).json()
    assert seen["read"]
    one = next(place for place in seen["places"] if place["may_nudge"])
    told = {"action": "nudge", "nudges": one["nudges"]}
    answers = [await land.api.post(f"{where}/relays/{one['id']}", json=told) for _ in range(2)]
    assert [answer.json()["changed"] for answer in answers] == [True, False]
    assert (await land.api.post(f"{where}/relays/{one['id']}", json={"action": "shout"})).status_code == 422
    assert (await land.api.post(f"{where}/relays/rel_0", json=told)).status_code == 404
    assert (await land.api.get(where, params={"page": 0})).status_code == 422
