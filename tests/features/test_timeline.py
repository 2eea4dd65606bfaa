"""The timeline is counted by the database in one pass, in even steps, on either database."""

import time
from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.db import Database
from app.domain.campaigns.tables import Campaign
from app.domain.escalation.rules import Action
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.reports.timeline import Timeline, timeline
from tests.builders.gallery import gallery


async def drawn(db: Database, campaign_id: str) -> tuple[Timeline, float]:
    """The timeline, and how many milliseconds it took."""
    async with db.read() as tx:
        campaign = await tx.first(select(Campaign).where(Campaign.id == campaign_id))
        assert campaign is not None
        began = time.perf_counter()
        return await timeline(tx, campaign), (time.perf_counter() - began) * 1000


async def test_every_moment_counts_what_the_ledger_says(db: Database) -> None:
    made = await gallery(db, groups=60)
    seen, _ = await drawn(db, made.campaigns["running"])
    async with db.read() as tx:
        relays = await tx.all(select(Relay).where(Relay.campaign_id == made.campaigns["running"]))
    assert (seen.total, seen.points[0].begun, seen.points[-1].begun, seen.points[-1].due) == (60, 0, 60, 60)
    for point in seen.points[1:]:
        assert point.begun == sum(one.starts_at < point.at for one in relays)
        assert point.due == sum(one.deadline_at < point.at for one in relays)
        had = sum(one.relayed_at is not None and one.relayed_at < point.at for one in relays)
        assert point.done in {None, had}
    assert [one.done for one in seen.points if one.at <= seen.now].count(None) == 0
    assert seen.points[-1].done is None
    assert [one.action for one in seen.marks] == [Action.REMIND, Action.REMIND, Action.DEPUTY, Action.HEAD]


async def test_what_was_called_off_was_never_to_be_there_and_a_draft_has_no_time(db: Database) -> None:
    made = await gallery(db, groups=12)
    async with db.write() as tx:
        relay = await tx.first(select(Relay).where(Relay.campaign_id == made.campaigns["scheduled"]))
        assert relay is not None
        relay.state = State.CANCELLED
        await tx.add(relay)
    assert (await drawn(db, made.campaigns["scheduled"]))[0].total == 11
    assert (await drawn(db, made.campaigns["draft"]))[0].points == ()


async def test_who_confirms_after_the_end_is_on_it_too(db: Database) -> None:
    made = await gallery(db, groups=12)
    async with db.write() as tx:
        relay = await tx.first(select(Relay).where(Relay.campaign_id == made.campaigns["finished"]))
        assert relay is not None
        relay.state, relay.relayed_at = State.RELAYED, tx.now
        await tx.add(relay)
    seen, _ = await drawn(db, made.campaigns["finished"])
    assert seen.points[-1].at > seen.now - timedelta(seconds=1)


@pytest.mark.alone
async def test_ten_thousand_groups_take_a_blink(db: Database) -> None:
    made = await gallery(db, groups=10_000, keys=("running",))
    took = sorted([(await drawn(db, made.campaigns["running"]))[1] for _ in range(5)])
    assert took[0] < 50, took
