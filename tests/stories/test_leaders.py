"""Leaders relay: asked once, reminded once, heard for ever; and whoever misses it is named."""

from typing import Any

import pytest

from tests.words import without_secrets
from tests.world import World

REMIND_ONCE: dict[str, Any] = {"steps": [{"at_percent": 50, "action": "remind"}]}
ROBOTS = ("TelegramBot (like TwitterBot)", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")


@pytest.fixture
async def told(world: World) -> World:
    """A center whose personal WeChat groups are relayed by Wang (three groups, one of them night in New York),
    Li (one group, no contact) and, for one group without a leader of its own, by the branch's leader Zhou."""
    await world.account("bot")
    wang = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual", "branch": "East/Shanghai"}
    await world.groups(
        {"group": "W1", **wang},
        {"group": "W2", **wang},
        {"group": "L1", "platform": "manual", "leader": "李强", "leader_contact": "none", "branch": "East"},
        {"group": "Z1", "platform": "manual", "branch": "East/Shanghai"},
    )
    branches = await world.call("GET", "/branches")
    [east] = [branch["id"] for branch in branches["items"] if branch["path"] == "East"]
    body = {"name": "Zhou", "contact": "telegram:5002", "language": "en"}
    zhou = await world.call("POST", "/leaders", status=201, json=body)
    assignment = {"leader_id": zhou["id"], "branch_id": east, "rank": 0}
    await world.call("POST", "/assignments", status=201, json=assignment)
    return world


async def test_one_message_per_leader_lists_his_groups_in_his_language(told: World) -> None:
    campaign = await told.launch()
    await told.forward(seconds=5, step=1)
    [letter] = await told.letters("5001")
    assert "王芳，您好" in letter
    assert "W1" in letter
    assert "W2" in letter
    assert "Z1" not in without_secrets(letter)
    [english] = await told.letters("5002")
    assert english.startswith("Hello Zhou")
    relays = await told.relays(campaign)
    assert {relay["state"] for relay in relays.values()} == {"assigned"}
    assert relays["Z1"]["leader_name"] == "Zhou"


async def test_looking_confirms_nothing_and_pressing_done_confirms_once(told: World) -> None:
    campaign = await told.launch()
    await told.forward(seconds=5, step=1)
    link = await told.link("5001")
    for robot in ROBOTS:
        for method in ("GET", "HEAD"):
            answer = await told.api.request(method, link, headers={"User-Agent": robot})
            assert answer.status_code == 200
    relays = await told.relays(campaign)
    assert {relay["state"] for relay in relays.values()} == {"assigned"}
    for _ in range(3):
        answer = await told.presses(link, "done", relays["W1"]["id"])
        assert answer.json()["state"] == "relayed"
    strange = await told.presses(link, "done", relays["Z1"]["id"])
    assert strange.status_code == 404
    after = await told.relays(campaign)
    assert {name: relay["state"] for name, relay in after.items()} == {
        "W1": "relayed",
        "W2": "assigned",
        "L1": "assigned",
        "Z1": "assigned",
    }
    story = await told.call("GET", f"/relays/{relays['W1']['id']}")
    moves = [(event["was"], event["became"]) for event in story["events"] if event["subject"] == "relay"]
    assert moves == [(None, "planned"), ("planned", "assigned"), ("assigned", "relayed")]
    assert story["via"] == "leader"
    assert story["evidence"] == "self_reported"


async def test_a_silent_leader_is_reminded_once_of_what_is_open_and_then_missed(told: World) -> None:
    campaign = await told.launch(escalation=REMIND_ONCE)
    await told.forward(seconds=5, step=1)
    relays = await told.relays(campaign)
    await told.presses(await told.link("5001"), "done", relays["W1"]["id"])
    await told.forward(minutes=31)
    letters = await told.letters("5001")
    assert len(letters) == 2
    assert "W2" in letters[1]
    assert "W1" not in without_secrets(letters[1])
    await told.forward(minutes=40)
    assert len(await told.letters("5001")) == 2
    missed = await told.missed(campaign)
    assert set(missed) == {"W2", "L1", "Z1"}
    assert missed["W2"]["leader"] == "王芳"
    assert missed["W2"]["nudges"] == 1
    assert missed["W2"]["branch"] == "East/Shanghai"
    assert (await told.campaign(campaign))["status"] == "finished"


async def test_a_late_confirmation_is_kept_as_late(told: World) -> None:
    campaign = await told.launch(escalation=REMIND_ONCE)
    await told.forward(minutes=70)
    relays = await told.relays(campaign)
    assert relays["W1"]["state"] == "missed"
    answer = await told.presses(await told.link("5001"), "done", relays["W1"]["id"])
    assert answer.json() == {"id": relays["W1"]["id"], "state": "relayed", "late": True, "changed": True}
    assert "W1" not in await told.missed(campaign)
    assert (await told.campaign(campaign))["late"] == 1


async def test_nobody_who_is_done_is_reminded(told: World) -> None:
    await told.launch(escalation=REMIND_ONCE)
    await told.forward(seconds=5, step=1)
    link = await told.link("5001")
    answer = await told.api.post(f"/hooks/ack/{link.removeprefix('/r/')}/all", json={"action": "done"})
    assert answer.status_code == 200
    await told.forward(minutes=70)
    assert len(await told.letters("5001")) == 1
    assert len(await told.letters("5002")) == 2


async def test_a_leader_who_cannot_is_on_the_missed_list_at_once_with_his_reason(told: World) -> None:
    campaign = await told.launch(escalation=REMIND_ONCE)
    await told.forward(seconds=5, step=1)
    relays = await told.relays(campaign)
    await told.presses(await told.link("5001"), "cannot", relays["W1"]["id"], reason="travelling")
    row = (await told.missed(campaign))["W1"]
    assert row["state"] == "failed"
    assert "travelling" in row["reason"]


async def test_links_on_paper_reach_the_leader_no_message_can(told: World) -> None:
    campaign = await told.draft()
    seen = await told.call("POST", f"/campaigns/{campaign}/preflight")
    [warning] = [finding for finding in seen["warnings"] if finding["code"] == "leaders_unreachable"]
    assert warning["examples"] == ["李强"]
    await told.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await told.work()
    sheet = await told.call("POST", f"/campaigns/{campaign}/links", status=201)
    links = {item["leader"]: item for item in sheet["items"]}
    assert set(links) == {"王芳", "李强", "Zhou"}
    path = "/r/" + links["李强"]["url"].split("/r/")[1]
    assert "提醒" not in (await told.api.get(path)).text, "nobody can remind him, so nobody promises to"
    relays = await told.relays(campaign)
    assert (await told.presses(path, "done", relays["L1"]["id"])).status_code == 200
    assert (await told.relays(campaign))["L1"]["state"] == "relayed"


async def test_a_cancelled_campaign_is_over_for_its_leaders_too(told: World) -> None:
    campaign = await told.launch()
    await told.forward(seconds=5, step=1)
    relays = await told.relays(campaign)
    link = await told.link("5001")
    await told.call("POST", f"/campaigns/{campaign}/cancel")
    await told.forward(minutes=70)
    assert (await told.presses(link, "done", relays["W1"]["id"])).status_code == 410
    assert {relay["state"] for relay in (await told.relays(campaign)).values()} == {"cancelled"}
    assert len(await told.letters("5001")) == 1


async def test_no_token_is_kept_where_it_could_be_read(told: World) -> None:
    campaign = await told.launch()
    await told.forward(seconds=5, step=1)
    token = (await told.link("5001")).removeprefix("/r/")
    for path in (f"/campaigns/{campaign}/deliveries", f"/campaigns/{campaign}/relays", "/audit"):
        answer = await told.api.get(f"/api/v1{path}")
        assert token[15:] not in answer.text


async def test_the_tree_counts_every_branch_with_all_below_it(told: World) -> None:
    campaign = await told.launch()
    await told.forward(seconds=5, step=1)
    relays = await told.relays(campaign)
    await told.presses(await told.link("5001"), "done", relays["W1"]["id"])
    [east] = (await told.call("GET", f"/campaigns/{campaign}/tree"))["items"]
    assert (east["name"], east["groups"], east["counts"]) == ("East", 4, {"assigned": 3, "relayed": 1})
    [shanghai] = east["children"]
    assert (shanghai["name"], shanghai["groups"]) == ("Shanghai", 3)
