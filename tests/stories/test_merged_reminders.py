"""One leader, several campaigns: what would remind him in the same quarter of an hour comes as one message."""

from typing import Any

import pytest

from app.domain.campaigns import store as campaigns
from tests.world import World

WANG, LI = "5001", "5002"
STEPS: dict[str, Any] = {"steps": [{"at_percent": 50, "action": "remind"}, {"at_percent": 100, "action": "head"}]}


@pytest.fixture
async def pair(world: World) -> World:
    await world.account("bot")
    for name, leader, chat in (("E1", "王芳", WANG), ("E2", "王芳", WANG), ("W1", "李强", LI)):
        await world.groups(
            {"group": name, "platform": "manual", "leader": leader, "leader_contact": f"telegram:{chat}"}
        )
    return world


async def reminders(world: World, chat: str) -> list[str]:
    return [letter for letter in await world.letters(chat) if "提醒一下" in letter]


async def reasons(world: World, campaign: str, group: str = "E1") -> list[str]:
    relay = (await world.relays(campaign))[group]
    story = await world.call("GET", f"/relays/{relay['id']}")
    return [event["reason"] for event in story["events"] if event["subject"] == "relay"]


async def two(world: World, apart: float, **second: Any) -> tuple[str, str]:
    first = await world.launch(title="运动会", escalation=STEPS, relay_minutes=120)
    await world.forward(minutes=apart)
    later = await world.launch(title="家长会", escalation=STEPS, **{"relay_minutes": 120, **second})
    return first, later


async def test_two_campaigns_remind_one_leader_once(pair: World) -> None:
    first, later = await two(pair, 10)
    await pair.forward(minutes=49)
    assert await reminders(pair, WANG) == []
    await pair.forward(minutes=30)
    [letter] = await reminders(pair, WANG)
    assert "2 项任务" in letter
    assert "运动会" in letter
    assert "家长会" in letter
    assert len([word for word in letter.split() if "/r/rl_" in word]) == 2
    for campaign in (first, later):
        assert (await reasons(pair, campaign)).count("reminded") == 1
        relay = (await pair.relays(campaign))["E1"]
        assert relay["nudges"] == 1
    links = [word[word.index("/r/") :] for word in letter.split() if "/r/rl_" in word]
    titles = [title for link in links for title in ("运动会", "家长会") if title in (await pair.api.get(link)).text]
    assert sorted(titles) == ["家长会", "运动会"]


async def test_each_counts_once_in_the_day_of_a_leader(pair: World) -> None:
    steps = {"steps": [{"at_percent": 20, "action": "remind", "times": 4, "every_percent": 20}]}
    for title in ("一", "二"):
        await pair.launch(title=title, escalation=steps, relay_minutes=200)
    await pair.forward(minutes=190)
    assert len(await reminders(pair, WANG)) == 3


async def test_reminders_further_apart_stay_apart(pair: World) -> None:
    await two(pair, 20)
    await pair.forward(minutes=70)
    letters = await reminders(pair, WANG)
    assert ["家长会" in letter for letter in letters] == [False, True]


async def test_a_reminder_that_could_not_be_foreseen_waits_for_the_rest_of_the_quarter(pair: World) -> None:
    """The second campaign began only after the first had reminded."""
    await two(pair, 61, relay_minutes=16)
    await pair.forward(minutes=9)
    assert len(await reminders(pair, WANG)) == 1
    await pair.forward(minutes=6)
    assert len(await reminders(pair, WANG)) == 2


async def test_an_incident_waits_for_nobody(pair: World) -> None:
    await two(pair, 61, relay_minutes=16, priority="incident")
    await pair.forward(minutes=9)
    assert len(await reminders(pair, WANG)) == 2


@pytest.mark.parametrize("how", ["done", "cancelled"])
async def test_what_is_done_before_the_morning_is_not_in_the_mornings_letter(pair: World, how: str) -> None:
    """The reminder falls into the night; one of its two campaigns ends before it leaves."""
    hours = 21 - pair.clock.now().hour
    await pair.call("PATCH", "/center", json={"timezone": f"Etc/GMT{-hours:+d}" if hours else "UTC"})
    kept: dict[str, Any] = {"relay_minutes": 1200, "escalation": {"steps": [{"at_percent": 8, "action": "remind"}]}}
    first = await pair.launch(title="运动会", **kept)
    await pair.forward(seconds=5, step=1)
    link = await pair.link(WANG)
    await pair.launch(title="家长会", **kept)
    await pair.forward(minutes=100, step=60)
    assert await reminders(pair, WANG) == []
    if how == "cancelled":
        await pair.call("POST", f"/campaigns/{first}/cancel")
    else:
        for name in ("E1", "E2"):
            await pair.presses(link, "done", (await pair.relays(first))[name]["id"])
    await pair.forward(minutes=60 * 11, step=300)
    [letter] = await reminders(pair, WANG)
    assert "家长会" in letter
    assert "运动会" not in letter


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("then", ["goes on", "paused", "resumed at once"])
async def test_what_somebody_holds_while_a_letter_is_rewritten_is_told_a_moment_later(pair: World, then: str) -> None:
    """The letter about both waits; one campaign is done while another process holds the other for long."""
    first, later = await two(pair, 1 / 6)
    await pair.forward(seconds=5)
    link = await pair.link(WANG)
    await pair.call("POST", "/stop")
    await pair.forward(minutes=62, step=310)
    relays = await pair.relays(later)
    async with pair.kit.db.write() as tx:
        assert await campaigns.hold(tx, first)
        for name in ("E1", "E2"):
            assert (await pair.presses(link, "done", relays[name]["id"])).status_code == 200
    for deed in {"goes on": (), "paused": ("pause",), "resumed at once": ("pause", "resume")}[then]:
        await pair.call("POST", f"/campaigns/{first}/{deed}")
    await pair.call("POST", "/start")
    await pair.forward(seconds=5)
    if then == "paused":
        assert await reminders(pair, WANG) == []
        await pair.call("POST", f"/campaigns/{first}/resume")
    await pair.forward(minutes=20, step=240)
    [letter] = await reminders(pair, WANG)
    assert ("运动会" in letter, "家长会" in letter) == (True, False)


@pytest.mark.parametrize("deed", ["pause", "cancel"])
async def test_a_campaign_that_was_stopped_is_in_no_letter_that_leaves_later(pair: World, deed: str) -> None:
    """Quiet hours hold the letter back; meanwhile the campaign that leads it, or the other, is stopped."""
    for place in (0, 1):
        campaigns = await two(pair, 10, relay_minutes=130)
        await pair.call("POST", "/stop")
        await pair.forward(minutes=60)
        await pair.call("POST", f"/campaigns/{campaigns[place]}/{deed}")
        before = len(await reminders(pair, WANG))
        await pair.call("POST", "/start")
        await pair.forward(minutes=2)
        letters = (await reminders(pair, WANG))[before:]
        stopped = ("运动会", "家长会")[place]
        assert not [letter for letter in letters if stopped in letter]
        assert [letter for letter in letters if ("家长会", "运动会")[place] in letter]
        for campaign in campaigns:
            await pair.call("POST", f"/campaigns/{campaign}/cancel")
        await pair.forward(minutes=20)


@pytest.mark.parametrize("place", [0, 1])
async def test_a_campaign_that_is_resumed_is_told_of_again(pair: World, place: int) -> None:
    """The letter about both waited; it left without the one that was paused, whether that led it or not."""
    campaigns = await two(pair, 10, relay_minutes=130)
    await pair.call("POST", "/stop")
    await pair.forward(minutes=60)
    await pair.call("POST", f"/campaigns/{campaigns[place]}/pause")
    await pair.call("POST", "/start")
    await pair.forward(minutes=2)
    [letter] = await reminders(pair, WANG)
    paused, other = (("运动会", "家长会"), ("家长会", "运动会"))[place]
    assert (paused in letter, other in letter) == (False, True)
    for _ in range(2):
        await pair.call("POST", f"/campaigns/{campaigns[place]}/resume")
        await pair.forward(minutes=17)
        assert [paused in one for one in await reminders(pair, WANG)] == [False, True], "told once"
        await pair.call("POST", f"/campaigns/{campaigns[place]}/pause")


async def test_a_letter_that_was_held_into_the_night_waits_for_the_morning(world: World) -> None:
    """By the clock of its groups: 09:00 UTC is 17:00 there."""
    await world.account("bot")
    there = {"platform": "manual", "leader": "王芳", "leader_contact": f"telegram:{WANG}", "timezone": "Asia/Shanghai"}
    await world.groups({"group": "E1", **there})
    draft = await world.draft(relay_minutes=72 * 60)
    await world.call("POST", "/stop")
    await world.call("POST", f"/campaigns/{draft}/launch", status=202)
    await world.forward(minutes=5.5 * 60, step=1800)
    await world.call("POST", "/start")
    await world.forward(minutes=10)
    assert await world.letters(WANG) == []
    await world.forward(minutes=10 * 60, step=1800)
    assert len(await world.letters(WANG)) == 1
