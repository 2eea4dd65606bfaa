"""Approval: what one person drafted leaves when a second one has agreed to exactly that."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.domain.campaigns.tables import Campaign
from tests.world import World

TEXT = "Please stay indoors until 18:00."


@pytest.fixture
async def watched(world: World) -> World:
    await world.account("bot")
    await world.groups({"group": "G", "platform": "telegram", "address": "-1001", "account": "bot"})
    return world


async def _key(world: World, name: str, role: str) -> dict[str, str]:
    made = await world.call("POST", "/keys", status=201, json={"name": name, "role": role})
    return {"Authorization": f"Bearer {made['token']}"}


async def _tell(world: World, campaign: str, verb: str, status: int, who: dict[str, str], **body: Any) -> Any:
    return await world.call("POST", f"/campaigns/{campaign}/{verb}", status=status, json=body, headers=who)


async def test_a_launch_waits_for_a_second_person_and_leaves_when_he_agrees(watched: World) -> None:
    second = await _key(watched, "second", "approver")
    campaign = await watched.launch(approval=True)
    await watched.forward(minutes=5)
    assert await watched.posts(TEXT) == []
    seen = await watched.call("GET", f"/campaigns/{campaign}", headers=second)
    assert (seen["control"], seen["texts"], seen["approval"]["needed"]) == ("pending_approval", {"": TEXT}, True)
    assert (await watched.call("POST", f"/campaigns/{campaign}/launch", status=409))["code"] == "wrong_state"
    assert (await _tell(watched, campaign, "approve", 409, {}))["code"] == "same_person"
    other = {"fingerprint": "0" * 64}
    assert (await _tell(watched, campaign, "approve", 409, second, **other))["code"] == "content_changed"
    read = {"fingerprint": seen["approval"]["fingerprint"]}
    agreed = await _tell(watched, campaign, "approve", 202, second, **read)
    assert (agreed["control"], agreed["approval"]["approved_by"]) == ("running", "key:second")
    await watched.forward(seconds=5)
    assert await watched.posts(TEXT) == ["-1001"]
    entries = (await watched.call("GET", "/audit"))["items"]
    told = [(one["action"], one["actor"]) for one in entries if one["subject"] == campaign]
    assert told == [
        ("campaign.approve", "key:second"),
        ("campaign.submit", "key:head"),
        ("campaign.create", "key:head"),
    ]


async def test_content_that_changed_after_it_was_submitted_is_not_approved(watched: World) -> None:
    second = await _key(watched, "second", "approver")
    campaign = await watched.launch(approval=True)
    async with watched.kit.db.write() as tx:
        await tx.run(update(Campaign).where(col(Campaign.id) == campaign).values(texts={"": "Something else."}))
    assert (await _tell(watched, campaign, "approve", 409, second))["code"] == "content_changed"
    assert (await watched.campaign(campaign))["control"] == "pending_approval"


async def test_who_sends_it_back_says_why_and_it_is_a_draft_again(watched: World) -> None:
    second = await _key(watched, "second", "approver")
    campaign = await watched.launch(approval=True)
    for nothing in ("", "   ", "\n\u3000"):
        problem = await _tell(watched, campaign, "reject", 422, second, reason=nothing)
        assert [one["pointer"] for one in problem["errors"]] == ["/reason"]
    back = await _tell(watched, campaign, "reject", 200, second, reason=" The hour is wrong.\n")
    assert (back["control"], back["approval"]["rejection"]) == ("draft", "The hour is wrong.")
    assert (await _tell(watched, campaign, "approve", 409, second))["code"] == "wrong_state"
    await watched.call("POST", f"/campaigns/{campaign}/launch", status=202)
    again = await watched.campaign(campaign)
    assert (again["control"], again["approval"]["rejection"]) == ("pending_approval", None)


async def test_a_center_may_demand_it_of_every_launch(watched: World) -> None:
    second = await _key(watched, "second", "operator")
    assert (await watched.call("PATCH", "/center", json={"needs_approval": True}))["needs_approval"] is True
    campaign = await watched.launch()
    assert (await watched.campaign(campaign))["control"] == "pending_approval"
    await _tell(watched, campaign, "approve", 403, second)
    await watched.call("PATCH", "/center", json={"needs_approval": False})
    assert (await watched.campaign(await watched.launch()))["control"] == "running"


async def test_of_an_agreement_and_a_refusal_at_once_one_counts(watched: World) -> None:
    second, third = await _key(watched, "second", "approver"), await _key(watched, "third", "approver")
    for _ in range(4):
        campaign = await watched.launch(approval=True)
        paths = [("approve", second, {}), ("reject", third, {"reason": "no"}), ("approve", third, {})]
        calls = [
            watched.api.post(f"/api/v1/campaigns/{campaign}/{verb}", json=body, headers=who)
            for verb, who, body in paths
        ]
        answers = [answer.status_code for answer in await asyncio.gather(*calls)]
        control = (await watched.campaign(campaign))["control"]
        assert answers.count(409) == 2, answers
        assert control == ("draft" if answers[1] == 200 else "running")
