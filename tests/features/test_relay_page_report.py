"""What the relay page reads: this leader's part of this campaign and nothing of anybody else's, on both databases."""

from datetime import timedelta

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.campaigns.states import State as Control
from app.domain.relays.states import Route, State
from app.reports.relay_page import RelayPage, relay_page
from tests.builders import relays as build
from tests.builders.relays import Handed, handed


async def _page(world: Handed, *, center_id: str | None = None) -> RelayPage | None:
    async with world.db.read() as tx:
        center = center_id or world.center_id
        return await relay_page(tx, center, campaign_id=world.campaign_id, leader_id=world.leader_id)


async def test_what_waits_comes_first_the_most_urgent_on_top(db: Database, clock: ManualClock) -> None:
    world = await handed(db, ["甲", "乙", "丙", "丁", "戊"])
    await world.put(0, state=State.RELAYED)
    await world.put(1, state=State.FAILED, reason="travelling")
    await world.put(3, state=State.MISSED, deadline_at=clock.now() - timedelta(hours=1))
    await world.put(4, state=State.ACKNOWLEDGED, deadline_at=clock.now() + timedelta(hours=1))
    page = await _page(world)
    assert page is not None
    assert [(entry.group, entry.waiting) for entry in page.entries] == [
        ("丁", True),
        ("戊", True),
        ("丙", True),
        ("乙", False),
        ("甲", False),
    ]
    assert page.entries[2].text == build.TEXT
    assert page.entries[3].reason == "travelling"


async def test_nothing_of_others_is_read(db: Database) -> None:
    world = await handed(db, ["甲"])
    other = await build.leader(db, world.center_id, "王强")
    await build.relay(db, world.center_id, campaign_id=world.campaign_id, leader_id=other, group="他的群")
    again = await build.campaign(db, world.center_id, "另一次")
    await build.relay(db, world.center_id, campaign_id=again, leader_id=world.leader_id, group="另一群")
    stranger = await handed(db, ["远方"])
    page = await _page(world)
    assert page is not None
    assert [entry.group for entry in page.entries] == ["甲"]
    assert await _page(world, center_id=stranger.center_id) is None


async def test_what_no_leader_was_asked_for_is_left_out(db: Database) -> None:
    world = await handed(db, ["甲", "乙", "丙", "丁"])
    await world.put(0, state=State.PLANNED)
    await world.put(1, route=Route.BOT, state=State.UNCERTAIN, assigned_at=None)
    await world.put(2, state=State.SKIPPED)
    page = await _page(world)
    assert page is not None
    assert [entry.group for entry in page.entries] == ["丁"]


async def test_a_page_knows_its_campaign_center_and_leader(db: Database, clock: ManualClock) -> None:
    world = await handed(db, ["甲"], language="en")
    await world.control(Control.CANCELLED)
    page = await _page(world)
    assert page is not None
    assert (page.center, page.timezone, page.title, page.leader, page.language) == (
        "阳光社区",
        "Asia/Shanghai",
        "春季运动会通知",
        "李梅",
        "en",
    )
    assert page.called_off
    assert page.at == clock.now()
