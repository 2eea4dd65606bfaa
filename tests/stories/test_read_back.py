"""A line lost after the words: Slack is asked whether they stand. What is found is settled; what is not is said."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.http import Http, Reply, Request
from app.domain.access import store as access
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.tables import ReadBack
from app.domain.shards import store as shards
from app.flows.plan import plan
from app.flows.read_back import LEASE, NOT_SHOWN, Seeker
from app.flows.send import say, take
from tests.world import World

TEXT = "Please stay indoors until 18:00."


@pytest.fixture
async def slack(world: World) -> World:
    """Two channels of one Slack app."""
    await world.account("app", "slack", secret={"bot_token": "xoxb-practice-story"}, base_url=world.platform)
    rows = [{"group": f"S{n}", "platform": "slack", "address": f"C000000{n}", "account": "app"} for n in range(2)]
    await world.groups(*rows)
    return world


class Line:
    """Says everything through a sound line, and remembers what was asked."""

    def __init__(self, sound: Http) -> None:
        self._sound = sound
        self.asked: list[str] = []

    async def send(self, request: Request) -> Reply:
        self.asked.append(request.url.rpartition("/")[2].partition("?")[0])
        return await self._sound.send(request)


async def _lose(world: World, kind: str, **more: object) -> None:
    """The next word into S0 gets no answer that says what became of it."""
    fault = {"platform": "slack", "target": "C0000000", "kind": kind, **more}
    assert (await world.sim.post("/_sim/faults", json=fault)).is_success


async def _looks(world: World) -> list[tuple[int, bool]]:
    """Of each delivery that was asked about: how often, and whether it will be again."""
    async with world.kit.db.read() as tx:
        return [(one.times, one.next_at is not None) for one in await tx.all(select(ReadBack))]


async def test_words_that_stand_are_found_by_their_key_and_never_said_again(slack: World) -> None:
    await _lose(slack, "drop_after_accept")
    campaign = await slack.launch()
    assert (await slack.relays(campaign))["S0"]["state"] in {"uncertain", "relayed"}
    await slack.forward(seconds=15, step=3)
    relay = (await slack.relays(campaign))["S0"]
    assert (relay["state"], relay["evidence"]) == ("relayed", "platform_verified")
    assert await slack.posts(TEXT) == ["C0000000", "C0000001"]
    await slack.call("POST", f"/campaigns/{campaign}/recall", status=202, json={})
    await slack.forward(seconds=15, step=3)
    taken_back = [target for what, target, _ in await slack.changes() if what == "taken_back"]
    assert sorted(taken_back) == ["C0000000", "C0000001"]  # its number was learned with it


async def test_words_that_are_not_shown_stay_uncertain_and_a_person_hears_why(slack: World) -> None:
    await _lose(slack, "http_500", accepted=False)
    campaign = await slack.launch(relay_minutes=600)
    await slack.forward(minutes=60, step=30)
    relay = (await slack.relays(campaign))["S0"]
    assert relay["state"] == "uncertain"
    assert await slack.posts(TEXT) == ["C0000001"]
    found = await slack.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"})
    (delivery,) = found["items"]
    assert delivery["reason"].count(NOT_SHOWN) == 1
    assert await _looks(slack) == [(4, False)]
    await slack.call("POST", f"/deliveries/{delivery['id']}/resolve", json={"outcome": "not_sent", "note": "looked"})
    await slack.forward(seconds=15, step=3)
    assert await slack.posts(TEXT) == ["C0000000", "C0000001"]


async def test_a_later_doubt_about_the_same_words_is_asked_about_anew(slack: World) -> None:
    await _lose(slack, "http_500", accepted=False)
    campaign = await slack.launch(relay_minutes=600)
    await slack.forward(minutes=60, step=60)
    (delivery,) = (await slack.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    await _lose(slack, "drop_after_accept")
    await slack.call("POST", f"/deliveries/{delivery['id']}/resolve", json={"outcome": "not_sent", "note": "looked"})
    await slack.forward(seconds=15, step=3)
    assert (await slack.relays(campaign))["S0"]["state"] == "relayed"
    assert await slack.posts(TEXT) == ["C0000000", "C0000001"]


async def test_of_several_workers_that_look_at_once_one_asks(slack: World) -> None:
    await _lose(slack, "http_500", accepted=False)
    await slack.launch(relay_minutes=600)
    await slack.forward(seconds=2, step=1)
    assert await _looks(slack) == [(1, True)]
    slack.clock.advance(timedelta(seconds=30))
    line = Line(slack.kit.http)
    kit = replace(slack.kit, http=line)
    await asyncio.gather(*(Seeker(kit).round() for _ in range(4)))
    assert line.asked == ["conversations.history"]
    assert await _looks(slack) == [(2, True)]


async def test_a_look_that_was_claimed_meanwhile_is_nobody_elses_until_its_lease_ends(slack: World) -> None:
    """Two workers found the same doubt in the same moment; who claims it first dies over it."""
    await _lose(slack, "http_500", accepted=False)
    await slack.launch(relay_minutes=600)
    slack.clock.advance(timedelta(seconds=30))
    account = (await slack.call("GET", "/accounts"))["items"][0]["id"]
    async with slack.kit.db.read() as tx:
        found = await deliveries.next_look(tx, account)
    won = []
    for _ in range(2):
        async with slack.kit.db.write() as tx:
            won.append(await deliveries.claim_look(tx, found, lease=LEASE))
    assert won == [True, False]
    line = Line(slack.kit.http)
    for wait in (timedelta(), LEASE - timedelta(seconds=1), timedelta(seconds=1)):
        assert line.asked == []
        slack.clock.advance(wait)
        await Seeker(replace(slack.kit, http=line)).round()
    assert line.asked == ["conversations.history"]


async def test_the_words_of_a_worker_that_died_are_found_however_late_it_is_known(slack: World) -> None:
    campaign = await slack.draft()
    await slack.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await plan(slack.kit, campaign)
    due = (await slack.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    async with slack.kit.db.write() as tx:
        held = await shards.take(tx, "wrk_dead", most=16)
        wanted = [one["id"] for one in due]
        zones = {one.id: one.timezone for one in await access.centers(tx)}
        taken = await take(slack.kit, tx, "wrk_dead", shard_ids=held, delivery_ids=wanted, zones=zones)
    assert len([await say(slack.kit, one) for one in taken]) == 2  # and then the power went
    slack.clock.advance(timedelta(minutes=45))
    await slack.forward(seconds=12, step=3)
    assert {relay["state"] for relay in (await slack.relays(campaign)).values()} == {"relayed"}
    assert await slack.posts(TEXT) == ["C0000000", "C0000001"]


async def test_an_app_that_is_not_in_the_channel_any_more_asks_no_more(slack: World) -> None:
    await _lose(slack, "http_500", accepted=False)
    campaign = await slack.launch(relay_minutes=600)
    await slack.sim.post("/_sim/targets", json={"platform": "slack", "target": "C0000000", "state": "kicked"})
    await slack.forward(minutes=2, step=30)
    assert (await slack.relays(campaign))["S0"]["state"] == "uncertain"
    assert [left for _, left in await _looks(slack)] == [False]
