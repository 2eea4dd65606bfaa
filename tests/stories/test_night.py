"""The night: what the preflight and the board's lanes foresee of it is what happens."""

from datetime import datetime, timedelta

import pytest

from app.flows.lanes_ahead import LaneAhead, lanes_ahead
from tests.world import World

GROUPS = 20


@pytest.fixture
async def evening(world: World) -> World:
    """Ten minutes before ten at night in Shanghai, and an account that posts once a minute."""
    await world.account("bot", limits=[{"scope": "account", "count": 1, "per_seconds": 60}])
    shanghai = {"platform": "telegram", "account": "bot", "timezone": "Asia/Shanghai"}
    await world.groups(*({"group": f"T{n}", "address": f"-100{n}", **shanghai} for n in range(GROUPS)))
    await world.forward(minutes=4 * 60 + 50, step=3_600)
    return world


async def _lane(world: World, campaign: str) -> LaneAhead:
    center = (await world.call("GET", "/center"))["id"]
    async with world.kit.db.read() as tx:
        [found] = await lanes_ahead(world.kit, tx, center, campaign)
    return found


async def test_a_queue_that_reaches_into_the_night_is_foreseen_alike_and_goes_on_in_the_morning(
    evening: World,
) -> None:
    draft = await evening.draft(relay_minutes=24 * 60)
    [foreseen] = (await evening.call("POST", f"/campaigns/{draft}/preflight"))["lanes"]
    expected = datetime.fromisoformat(foreseen["last_at"])
    await evening.call("POST", f"/campaigns/{draft}/launch", status=202)
    await evening.work()
    seen = await _lane(evening, draft)
    assert seen.last_at is not None
    assert (seen.last_at - expected).total_seconds() == pytest.approx(0, abs=90)
    assert (expected.day, expected.hour) == (3, 0), "after eight in the morning there"
    await evening.forward(minutes=15, step=15)
    seen = await _lane(evening, draft)
    assert seen.last_at is not None
    assert 5 < seen.waiting < 15
    assert (seen.last_at - expected).total_seconds() == pytest.approx(0, abs=180)
    await evening.forward(minutes=9 * 60 + 50, step=1_800)
    await evening.forward(minutes=25, step=15)
    sent = [one["sent_at"] for one in (await evening.call("GET", f"/campaigns/{draft}/deliveries"))["items"]]
    assert len(sent) == GROUPS
    assert (datetime.fromisoformat(max(sent)) - expected).total_seconds() == pytest.approx(0, abs=300)


async def test_an_incident_is_foreseen_to_wake_its_groups(evening: World) -> None:
    campaign = await evening.launch(priority="incident", relay_minutes=24 * 60)
    seen = await _lane(evening, campaign)
    assert seen.last_at is not None
    assert seen.last_at < evening.clock.now() + timedelta(minutes=25)
