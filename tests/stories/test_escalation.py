"""The tree at work: whoever stays silent is passed over, once a level, and nobody who is done hears of it again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.words import without_secrets
from tests.world import World

LADDER: dict[str, Any] = {
    "steps": [
        {"at_percent": 50, "action": "remind"},
        {"at_percent": 100, "action": "deputy"},
        {"at_percent": 150, "action": "branch_leader"},
        {"at_percent": 200, "action": "head"},
    ]
}
WANG, LI, ZHOU, HEAD = "5001", "5002", "5003", "5004"


@pytest.fixture
async def tree(world: World) -> World:
    """East holds E1 and E2 (Wang, then Li), its leader is Zhou; West holds W1 (Li). The head is Chen."""
    await world.account("bot")
    east = {"platform": "manual", "branch": "East", "leader": "王芳", "leader_contact": f"telegram:{WANG}"}
    west = {"platform": "manual", "branch": "West", "leader": "李强", "leader_contact": f"telegram:{LI}"}
    await world.groups({"group": "W1", **west})
    await world.groups({"group": "E1", "deputies": "李强", **east}, {"group": "E2", "deputies": "李强", **east})
    [branch] = [b["id"] for b in (await world.call("GET", "/branches"))["items"] if b["path"] == "East"]
    zhou = await world.call("POST", "/leaders", status=201, json={"name": "Zhou", "contact": f"telegram:{ZHOU}"})
    await world.call("POST", "/assignments", status=201, json={"leader_id": zhou["id"], "branch_id": branch, "rank": 0})
    chen = await world.call("POST", "/leaders", status=201, json={"name": "Chen", "contact": f"telegram:{HEAD}"})
    await world.call("PATCH", "/center", json={"head_id": chen["id"]})
    return world


async def leader(world: World, name: str) -> str:
    found = await world.call("GET", "/leaders", params={"q": name})
    return str(found["items"][0]["id"])


async def reasons(world: World, relay: dict[str, Any]) -> list[str]:
    story = await world.call("GET", f"/relays/{relay['id']}")
    return [event["reason"] for event in story["events"] if event["subject"] == "relay"]


async def asked_to_step_in(world: World, chat: str) -> list[str]:
    """The head also gets digests; these are the letters that give him groups."""
    return [letter for letter in await world.letters(chat) if "需要您接手" in letter]


async def test_a_silent_leader_is_passed_over_once_a_level(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    relays = await tree.relays(campaign)
    await tree.presses(await tree.link(LI), "done", relays["W1"]["id"])
    await tree.forward(minutes=61)
    missed = await tree.missed(campaign)
    assert {name: row["leader"] for name, row in missed.items()} == {"E1": "李强", "E2": "李强"}
    assert [(one["leader"], one["part"]) for one in missed["E1"]["told"]] == [("王芳", "primary"), ("李强", "deputy")]
    assert "leader of the branch" in missed["E1"]["next_step"]
    await tree.forward(minutes=30)
    assert (await tree.missed(campaign))["E1"]["leader"] == "Zhou"
    await tree.forward(minutes=35)
    told = (await tree.missed(campaign))["E2"]["told"]
    assert [one["part"] for one in told] == ["primary", "deputy", "branch_leader", "head"]
    assert [len(await tree.letters(chat)) for chat in (WANG, LI, ZHOU)] == [3, 3, 2]
    [asked] = await asked_to_step_in(tree, HEAD)
    assert "E1" in asked
    assert "E2" in asked
    await tree.forward(minutes=300, step=900)
    assert [len(await tree.letters(chat)) for chat in (WANG, LI, ZHOU)] == [3, 3, 2]
    assert len(await asked_to_step_in(tree, HEAD)) == 1


async def test_whoever_confirms_first_wins_and_the_other_is_told(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    wang = await tree.link(WANG)
    await tree.forward(minutes=61)
    li = await tree.link(LI)
    relays = await tree.relays(campaign)
    page = (await tree.api.get(wang)).text
    assert "已转交" in page
    assert "已经请别人接手" in page
    assert "李强" in page
    answer = await tree.presses(wang, "done", relays["E1"]["id"])
    assert answer.json() == {"id": relays["E1"]["id"], "state": "relayed", "late": True, "changed": True}
    await tree.forward(seconds=5, step=1)
    newest = (await tree.letters(LI))[-1]
    assert "请不要再发" in newest
    assert "E1" in newest
    assert "E2" not in without_secrets(newest)
    late = await tree.presses(li, "done", relays["E1"]["id"])
    assert late.json()["changed"] is False
    second = await tree.presses(li, "done", relays["E2"]["id"])
    assert second.json()["changed"] is True
    after = await tree.relays(campaign)
    assert (after["E1"]["via"], after["E2"]["via"]) == ("leader", "deputy")


async def test_a_no_goes_to_the_deputy_at_once_and_the_policy_goes_on(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    relays = await tree.relays(campaign)
    await tree.presses(await tree.link(WANG), "cannot", relays["E1"]["id"], reason="travelling")
    await tree.forward(seconds=2, step=1)
    now = (await tree.relays(campaign))["E1"]
    assert (now["state"], now["leader_name"]) == ("assigned", "李强")
    assert (await tree.relays(campaign))["E2"]["leader_name"] == "王芳"
    assert len([letter for letter in await tree.letters(WANG) if "接手" in letter]) == 0, "he said so himself"
    await tree.forward(minutes=31)
    assert "提醒" in (await tree.letters(LI))[-1]


@pytest.mark.parametrize("reason", ["text_wrong", "group_dissolved"])
async def test_what_no_other_leader_could_mend_goes_to_the_head(tree: World, reason: str) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    relays = await tree.relays(campaign)
    await tree.presses(await tree.link(WANG), "cannot", relays["E1"]["id"], reason=reason)
    await tree.forward(seconds=2, step=1)
    assert (await tree.relays(campaign))["E1"]["leader_name"] == "Chen"
    assert len(await tree.letters(LI)) == 1


async def test_a_leader_hands_over_himself(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    relays = await tree.relays(campaign)
    assert (await tree.presses(await tree.link(WANG), "hand_over", relays["E2"]["id"])).status_code == 200
    await tree.forward(seconds=2, step=1)
    assert (await tree.relays(campaign))["E2"]["leader_name"] == "李强"


async def test_where_a_proof_is_asked_for_a_word_alone_settles_nothing(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER, proof_percent=100)
    await tree.forward(seconds=5, step=1)
    relays = await tree.relays(campaign)
    link = await tree.link(WANG)
    assert 'name="proof"' in (await tree.api.get(link)).text
    refused = await tree.presses(link, "done", relays["E1"]["id"])
    assert (refused.status_code, refused.json()["code"]) == (422, "proof_needed")
    everything = await tree.api.post(f"/hooks/ack/{link.removeprefix('/r/')}/all", json={"action": "done"})
    assert everything.json()["changed"] == 0
    assert (await tree.relays(campaign))["E1"]["state"] == "assigned"
    shown = await tree.presses(link, "done", relays["E1"]["id"], proof="https://chat.example/m/7")
    assert shown.json()["state"] == "relayed"
    assert (await tree.relays(campaign))["E1"]["evidence"] == "proof"


async def test_a_step_that_reaches_nobody_says_so(tree: World) -> None:
    await tree.call("PATCH", "/center", json={"head_id": None})
    steps = {"steps": [{"at_percent": 100, "action": "head"}]}
    campaign = await tree.launch(escalation=steps)
    await tree.forward(minutes=61)
    assert any("names no head" in reason for reason in await reasons(tree, (await tree.relays(campaign))["E1"]))
    assert (await tree.missed(campaign))["E1"]["leader"] == "王芳"


async def test_an_absence_hands_over_by_itself_and_only_once(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    until = (datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + timedelta(days=1)).isoformat()
    wang = await leader(tree, "王芳")
    await tree.call("POST", f"/leaders/{wang}/absences", status=201, json={"until": until, "reason": "holiday"})
    await tree.forward(seconds=3, step=1)
    relays = await tree.relays(campaign)
    assert {relays[name]["leader_name"] for name in ("E1", "E2")} == {"李强"}
    assert len(await tree.letters(LI)) == 2
    second = await tree.launch(title="Another", body="Another text.")
    await tree.forward(seconds=5, step=1)
    assert (await tree.relays(second))["E1"]["leader_name"] == "李强"


async def test_a_leader_who_leaves_passes_his_groups_on_and_his_links_die(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    link = await tree.link(WANG)
    wang = await leader(tree, "王芳")
    answer = await tree.api.delete(f"/api/v1/leaders/{wang}")
    assert answer.status_code == 204
    await tree.work()
    assert (await tree.api.get(link)).status_code == 404
    relays = await tree.relays(campaign)
    assert {relays[name]["leader_name"] for name in ("E1", "E2")} == {"李强"}
    assert (await tree.call("GET", f"/leaders/{wang}"))["left_at"] is not None


async def test_a_leader_taken_off_a_group_keeps_the_others_and_has_no_word_in_it(tree: World) -> None:
    campaign = await tree.launch(escalation=LADDER)
    await tree.forward(seconds=5, step=1)
    relays = await tree.relays(campaign)
    link, wang = await tree.link(WANG), await leader(tree, "王芳")
    params = {"leader": wang, "group": relays["E1"]["group_id"]}
    [assignment] = (await tree.call("GET", "/assignments", params=params))["items"]
    assert (await tree.api.delete(f"/api/v1/assignments/{assignment['id']}")).status_code == 204
    await tree.work()
    after = await tree.relays(campaign)
    assert (after["E1"]["leader_name"], after["E2"]["leader_name"]) == ("李强", "王芳")
    assert (await tree.presses(link, "done", relays["E1"]["id"])).status_code == 404
    assert (await tree.presses(link, "done", relays["E2"]["id"])).status_code == 200
