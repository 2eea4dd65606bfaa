"""An alarm that too few groups have it by then rings once, for those who can do something about it, or not at all."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import journal
from app.flows.ring import ring
from tests.stories.test_cascade import CHEN, LI, QIAN, tree
from tests.words import without_secrets
from tests.world import World

__all__ = ["tree"]  # a fixture


async def alarms(world: World, chat: str) -> list[str]:
    return [letter for letter in await world.letters(chat) if "was to stand in" in letter]


async def events(world: World, campaign: str) -> list[str]:
    async with world.kit.db.read() as tx:
        return [line.reason for line in await journal.thread(tx, campaign) if "quorum" in line.reason]


async def launched(world: World, **quorum: Any) -> str:
    campaign = await world.launch(quorum=[quorum], escalation={"steps": []})
    await world.forward(seconds=5, step=1)
    return campaign


async def stands(world: World, campaign: str) -> tuple[str, int | None, int | None]:
    [one] = (await world.campaign(campaign))["quorum"]
    return one["state"], one["done"], one["total"]


async def test_it_rings_once_and_at_most_five_seconds_late(tree: World) -> None:
    campaign = await launched(tree, percent=80, at_percent=50)
    relays = await tree.relays(campaign)
    await tree.presses(await tree.link(LI), "done", relays["C1"]["id"])
    await tree.forward(minutes=29, seconds=54, step=29)
    assert await stands(tree, campaign) == ("waiting", None, None)
    assert await alarms(tree, CHEN) == []
    await tree.forward(seconds=6, step=3)
    assert await stands(tree, campaign) == ("missed", 2, 5)
    [letter] = await alarms(tree, CHEN)
    assert "80 % of the groups by 03-02 09:30" in letter
    assert "it stood in 2 of 5" in letter
    assert f"/campaigns/{campaign}/missed" in letter
    assert all(name in letter for name in ("L1", "C2", "W1"))
    assert "C1" not in without_secrets(letter)
    for _ in range(3):
        assert await ring(tree.kit) == 0
    await tree.forward(minutes=20)
    assert len(await alarms(tree, CHEN)) == 1
    assert await events(tree, campaign) == [
        "quorum missed: 80 % by 2026-03-02 09:30 UTC, 2 of 5",
        "Chen is told of the quorum",
    ]


async def test_where_enough_have_it_there_is_an_event_and_no_message(tree: World) -> None:
    at = tree.clock.now() + timedelta(minutes=10)
    campaign = await launched(tree, percent=60, at=at.isoformat())
    relays = await tree.relays(campaign)
    for name in ("C1", "C2"):
        await tree.presses(await tree.link(LI), "done", relays[name]["id"])
    await tree.forward(minutes=11)
    assert await stands(tree, campaign) == ("reached", 3, 5)
    assert await alarms(tree, CHEN) == []
    assert await events(tree, campaign) == ["quorum reached: 60 % by 2026-03-02 09:10 UTC, 3 of 5"]


async def test_a_worker_that_was_down_judges_how_it_stood_then(tree: World) -> None:
    campaign = await launched(tree, percent=60, at_percent=10)
    relays = await tree.relays(campaign)
    link = await tree.link(LI)
    tree.clock.advance(timedelta(minutes=30))
    for name in ("C1", "C2"):
        await tree.presses(link, "done", relays[name]["id"])
    await tree.forward(seconds=5, step=1)
    assert await stands(tree, campaign) == ("missed", 1, 5)
    assert len(await alarms(tree, CHEN)) == 1


async def test_a_branch_alarm_counts_the_branch_and_its_leader_hears_too(tree: World) -> None:
    campaign = await launched(tree, percent=50, at_percent=20, branch="land / east")
    await tree.forward(minutes=13)
    assert await stands(tree, campaign) == ("missed", 0, 2)
    [[head], [qian]] = [await alarms(tree, CHEN), await alarms(tree, QIAN)]
    assert f"/campaigns/{campaign}/missed" in head
    assert "in Land/East" in qian
    assert "/campaigns/" not in qian
    page = await tree.api.get(await tree.link(QIAN), params={"lang": "en"})
    assert "C1" in page.text


@pytest.mark.parametrize("how", ["pause", "cancel"])
async def test_what_was_stopped_rings_not(tree: World, how: str) -> None:
    campaign = await launched(tree, percent=100, at_percent=20)
    await tree.call("POST", f"/campaigns/{campaign}/{how}")
    await tree.forward(minutes=20)
    assert (await stands(tree, campaign))[0] == "waiting"
    assert await alarms(tree, CHEN) == []
    if how == "pause":
        await tree.call("POST", f"/campaigns/{campaign}/resume")
        await tree.forward(seconds=5, step=1)
        assert (await stands(tree, campaign))[0] == "missed"


async def test_alarms_are_nudges_and_there_are_three_a_day(tree: World) -> None:
    quorum = [{"percent": 100, "at_percent": part} for part in (10, 20, 30, 40)]
    campaign = await tree.launch(quorum=quorum, escalation={"steps": []})
    await tree.forward(minutes=30)
    assert len(await alarms(tree, CHEN)) == 3
    assert (await events(tree, campaign))[-1] == "Chen is not told of the quorum"


@pytest.mark.parametrize(
    ("quorum", "pointer"),
    [
        ([{"percent": 90}], "/quorum/0"),
        ([{"percent": 90, "at_percent": 10, "at": "2026-03-02T12:00:00Z"}], "/quorum/0"),
        ([{"percent": 101, "at_percent": 10}], "/quorum/0/percent"),
        ([{"percent": 90, "at_percent": 10, "branch": "Nowhere"}], "/quorum/0/branch"),
        ([{"percent": 90, "at_percent": 10}, {"percent": 90, "at": "2026-03-02T08:59:00Z"}], "/quorum/1/at"),
        ([{"percent": 90, "at_percent": 10}] * 11, "/quorum"),
    ],
)
async def test_an_alarm_that_cannot_be_is_refused_by_its_place(tree: World, quorum: Any, pointer: str) -> None:
    body = {"title": "t", "body": "b", "relay_minutes": 60, "quorum": quorum}
    answer = await tree.api.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
