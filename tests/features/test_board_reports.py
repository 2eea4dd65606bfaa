"""What the operator's pages ask of the ledger, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import State as Control
from app.domain.deliveries import store as deliveries
from app.domain.relays.states import State
from app.flows.watch import moved_since, position
from app.reports import ledger
from app.reports.gauge import gauge
from app.reports.nudges import last_nudges
from app.reports.orphans import orphans
from app.reports.people import candidates
from app.reports.today import standing, today
from tests.builders import relays as build
from tests.builders.board import uncertain
from tests.builders.relays import Handed, handed


@pytest.fixture
async def world(db: Database) -> Handed:
    return await handed(db)


async def test_today_names_what_needs_somebody(db: Database, world: Handed, clock: ManualClock) -> None:
    await uncertain(world, 0)
    await world.put(1, state=State.MISSED)
    async with db.write() as tx:
        await deliveries.close_gate(tx, world.campaign_id, reason="the campaign is paused")
        await tx.run(update(Account).values(status=Status.REFUSED, status_reason="401"))
    stranger = await build.center(db, "elsewhere")
    async with db.read() as tx:
        seen = await today(tx, world.center_id)
        [one] = seen.under_way
        assert (one.groups, one.missing, one.finished) == (3, 2, False)
        assert [(row.campaign_id, row.count) for row in seen.unsure] == [(world.campaign_id, 1)]
        assert [(row.name, row.reason) for row in seen.broken] == [("公告机器人", "401")]
        assert [(row.name, row.reason) for row in seen.gates] == [("春季运动会通知", "the campaign is paused")]
        assert (await standing(tx, world.center_id)).campaigns == 1
        other = await today(tx, stranger)
        assert not any((other.under_way, other.unsure, other.broken, other.gates, other.coming))


async def test_a_campaign_that_is_over_leaves_today_after_a_day(
    db: Database, world: Handed, clock: ManualClock
) -> None:
    await build_over(world, clock)
    async with db.read() as tx:
        assert [one.finished for one in (await today(tx, world.center_id)).under_way] == [True]
    clock.advance(timedelta(hours=25))
    async with db.read() as tx:
        assert (await today(tx, world.center_id)).under_way == []


async def build_over(world: Handed, clock: ManualClock) -> None:
    for place in range(3):
        await world.put(place, state=State.RELAYED)
    async with world.db.write() as tx:
        done = {"planned_at": tx.now, "ends_at": tx.now}
        await tx.run(update(build.Campaign).where(col(build.Campaign.id) == world.campaign_id).values(**done))


async def test_what_a_pause_would_touch_is_counted(db: Database, world: Handed) -> None:
    await world.put(0, state=State.RELAYED)
    async with db.read() as tx:
        found = await gauge(tx, world.campaign_id)
        assert (found.open, found.asked, found.relayed, found.waiting) == (2, 2, 1, 0)
        assert await last_nudges(tx, world.campaign_id, [world.leader_id]) == {}


async def test_relays_are_found_by_a_part_of_a_name(db: Database, world: Handed) -> None:
    async with db.read() as tx:
        for words, expected in (("朝阳", 2), ("李", 3), ("%", 0), ("nobody", 0), ("跑步群", 1)):
            page = await ledger.relays(
                tx, world.center_id, world.campaign_id, state=None, branch=None, limit=9, cursor=None, search=words
            )
            assert len(page.items) == expected, words


async def test_groups_nobody_answers_for_are_counted_and_others_can_be_asked(db: Database, world: Handed) -> None:
    other = await build.leader(db, world.center_id, "王强")
    relay = await world.relay()
    async with db.read() as tx:
        assert (await orphans(tx, world.center_id)).count == 3
        people = await candidates(tx, world.center_id, relay.group_id, but=world.leader_id)
    assert [(one.id, one.near) for one in people] == [(other, False)]


async def test_a_board_goes_on_from_where_it_was_read(db: Database, world: Handed, clock: ManualClock) -> None:
    await world.control(Control.RUNNING)
    async with db.read() as tx:
        assert await position(tx, world.campaign_id) == 0
        assert await moved_since(tx, world.campaign_id, 0) == []
        assert await deliveries.ahead(tx, world.campaign_id, limit=5) == []
        assert len(await ledger.some(tx, world.center_id, world.relays[:2])) == 2
        assert await ledger.messages(tx, world.center_id, world.relays[0]) == []
        assert await ledger.delivery(tx, world.center_id, "dlv_0") is None
