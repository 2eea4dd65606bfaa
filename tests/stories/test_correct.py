"""Correct: new words where the old ones stand or would have come, and what went out is never rewritten."""

import asyncio
from typing import Any

import pytest

from tests.world import World

OLD, NEW = "Please stay indoors until 18:00.", "Please stay indoors until 20:00."


@pytest.fixture
async def posted(world: World) -> World:
    """A center with two Telegram groups, a WeCom robot, which can edit nothing, and two groups of Wang's."""
    await world.account("bot")
    wang = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(2)),
        {"group": "R", "platform": "wecom", "address": world.wecom("robot-0001")},
        {"group": "W1", **wang},
        {"group": "W2", **wang},
    )
    return world


async def _correct(world: World, campaign: str, status: int = 202, *, key: str = "right", **body: Any) -> Any:
    headers = {"Idempotency-Key": key}
    said = {"body": NEW, **body}
    return await world.call("POST", f"/campaigns/{campaign}/correct", status=status, json=said, headers=headers)


async def _relayed(world: World) -> str:
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    relays = await world.relays(campaign)
    await world.presses(await world.link("5001"), "done", relays["W1"]["id"])
    return campaign


async def _kinds(world: World, campaign: str) -> dict[str, str]:
    """What kind of delivery each group was given."""
    found = await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200})
    return {one["group_name"] or one["leader_name"]: one["kind"] for one in found["items"]}


async def test_it_is_edited_where_that_can_be_and_follows_where_not_and_leaders_are_asked_anew(posted: World) -> None:
    first = await _relayed(posted)
    old_link = await posted.link("5001")
    made = await _correct(posted, first)
    assert (made["corrects"], made["mode"], made["control"], made["groups"]) == (first, "auto", "running", 0)
    await posted.forward(seconds=30, step=5)
    assert sorted(await posted.changes()) == [("edited", "-1000", NEW), ("edited", "-1001", NEW)]
    assert await posted.posts(OLD) == ["-1000", "-1001", "robot-0001"]
    assert await posted.posts(NEW) == ["robot-0001"]
    kinds = await _kinds(posted, made["id"])
    assert kinds == {"T0": "correction", "T1": "correction", "R": "correction", "王芳": "hand_off"}
    letter = (await posted.letters("5001"))[-1]
    assert ("更正" in letter, "W1" in letter, "W2" in letter) == (True, True, True)
    relays = await posted.relays(made["id"])
    assert {name: relay["state"] for name, relay in relays.items()} == {
        **dict.fromkeys(("T0", "T1", "R"), "relayed"),
        **dict.fromkeys(("W1", "W2"), "assigned"),
    }
    assert NEW in (await posted.call("GET", f"/relays/{relays['W1']['id']}"))["text"]
    was = await posted.campaign(first)
    assert (was["control"], was["corrected_by"]) == ("cancelled", made["id"])
    assert {name: relay["state"] for name, relay in (await posted.relays(first)).items()} == {
        **dict.fromkeys(("T0", "T1", "R", "W1"), "relayed"),
        "W2": "cancelled",
    }
    first_w2 = (await posted.relays(first))["W2"]["id"]
    assert (await posted.presses(old_link, "done", first_w2)).status_code == 410
    assert await posted.violations() == 0


async def test_what_had_not_left_leaves_in_the_new_words_only(posted: World) -> None:
    await posted.sim.post("/_sim/faults", json={"target": "-1001", "kind": "throttle", "retry_after": 60})
    await posted.sim.post("/_sim/faults", json={"target": "robot-0001", "kind": "drop_after_accept"})
    first = await posted.launch()
    made = await _correct(posted, first)
    await posted.forward(minutes=3)
    assert await posted.posts(OLD) == ["-1000", "robot-0001"]
    assert await posted.posts(NEW) == ["-1001", "robot-0001"], "what may stand is followed up"
    kinds = await _kinds(posted, made["id"])
    assert (kinds["T1"], kinds["R"]) == ("announcement", "correction")
    retried = await posted.call("POST", f"/campaigns/{first}/retry", status=409)
    assert retried["code"] == "wrong_state"


@pytest.mark.parametrize(("mode", "edited", "followed"), [("edit", 2, []), ("follow_up", 0, ["-1000", "-1001"])])
async def test_the_head_may_want_only_one_of_the_two(
    posted: World, mode: str, edited: int, followed: list[str]
) -> None:
    first = await _relayed(posted)
    made = await _correct(posted, first, mode=mode)
    await posted.forward(seconds=30, step=5)
    assert len(await posted.changes()) == edited
    assert await posted.posts(NEW) == followed + ["robot-0001"] * (mode == "follow_up")
    robot = (await posted.relays(made["id"]))["R"]
    assert (robot["state"], "cannot be edited" in robot["reason"]) == (
        ("failed", True) if mode == "edit" else ("relayed", False)
    )


async def test_an_edit_without_an_answer_is_repeated_and_a_refused_one_goes_again_as_a_post(posted: World) -> None:
    first = await _relayed(posted)
    for kind in ("drop_after_accept", "reset"):
        await posted.sim.post("/_sim/faults", json={"target": "-1000", "kind": kind})
    token = "123456:practice-token-of-the-story"
    [number] = [one["message_id"] for one in await _deliveries(posted, first) if one["group_name"] == "T1"]
    await posted.sim.post(f"/bot{token}/deleteMessage", json={"chat_id": -1001, "message_id": int(number)})
    made = await _correct(posted, first)
    await posted.forward(minutes=2)
    relays = await posted.relays(made["id"])
    assert (relays["T0"]["state"], relays["T1"]["state"]) == ("relayed", "failed")
    assert (await posted.changes())[1:] == [("edited", "-1000", NEW)]
    await posted.call("POST", f"/campaigns/{made['id']}/retry", status=202)
    await posted.forward(minutes=1)
    assert await posted.posts(NEW) == ["-1001", "robot-0001"]
    assert (await posted.relays(made["id"]))["T1"]["state"] == "relayed"


async def _deliveries(world: World, campaign: str) -> list[Any]:
    found = await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200})
    return list(found["items"])


async def test_the_same_key_corrects_once_and_another_is_told_by_whom(posted: World) -> None:
    first = await _relayed(posted)
    answers = await asyncio.gather(*(_correct(posted, first) for _ in range(5)))
    assert len({one["id"] for one in answers}) == 1
    again = await _correct(posted, first, 409, key="another")
    assert (again["code"], answers[0]["id"] in again["detail"]) == ("already_corrected", True)
    reused = await _correct(posted, first, 422, body="Something else.")
    assert reused["code"] == "idempotency_key_reused"
    await posted.forward(seconds=30, step=5)
    assert await posted.posts(NEW) == ["robot-0001"]
    third = await _correct(posted, answers[0]["id"], key="third", body="It is over.")
    await posted.forward(seconds=30, step=5)
    assert [text for _, target, text in await posted.changes() if target == "-1000"] == [NEW, "It is over."]
    assert third["corrects"] == answers[0]["id"]


async def test_one_of_two_corrections_at_once_is_launched(posted: World) -> None:
    first = await _relayed(posted)
    calls = [
        posted.api.post(
            f"/api/v1/campaigns/{first}/correct", json={"body": text}, headers={"Idempotency-Key": text[:3]}
        )
        for text in ("one", "two", "six")
    ]
    answers = [answer.status_code for answer in await asyncio.gather(*calls)]
    assert sorted(answers) == [202, 409, 409]


async def test_a_correction_waits_for_a_second_person_where_the_center_demands_it(posted: World) -> None:
    first = await _relayed(posted)
    made = await posted.call("POST", "/keys", status=201, json={"name": "second", "role": "approver"})
    await posted.call("PATCH", "/center", json={"needs_approval": True})
    other = await _correct(posted, first, key="earlier", body="It is over.")
    waiting = await _correct(posted, first)
    assert waiting["control"] == "pending_approval"
    assert (await posted.campaign(first))["control"] == "running"
    second = {"Authorization": f"Bearer {made['token']}"}
    await posted.call("POST", f"/campaigns/{waiting['id']}/approve", status=202, headers=second)
    late = await posted.call("POST", f"/campaigns/{other['id']}/approve", status=409, headers=second)
    assert late["code"] == "already_corrected"
    await posted.forward(seconds=30, step=5)
    assert len(await posted.changes()) == 2
    assert (await posted.campaign(first))["corrected_by"] == waiting["id"]


async def test_what_was_taken_back_and_what_never_went_out_is_not_corrected(posted: World) -> None:
    draft = await posted.draft()
    assert (await _correct(posted, draft, 409))["code"] == "wrong_state"
    first = await _relayed(posted)
    relays = await posted.relays(first)
    await posted.call("POST", f"/campaigns/{first}/recall", status=202, json={"groups": [relays["T0"]["group_id"]]})
    await posted.forward(seconds=30, step=5)
    made = await _correct(posted, first)
    await posted.forward(seconds=30, step=5)
    assert set(await posted.relays(made["id"])) == {"T1", "R", "W1", "W2"}
