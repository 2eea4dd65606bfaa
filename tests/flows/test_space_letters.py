"""A letter that waits for others waits for as many of them as its own time allows."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.flows.space_letters import rest
from tests.builders import relays as build
from tests.builders.deliveries import delivery, stage


@pytest.mark.parametrize(("most", "waits"), [(30, 20), (20, 10), (11, 10), (10, None), (5, None)])
async def test_a_letter_waits_for_those_that_leave_it_time(
    db: Database, clock: ManualClock, most: int, waits: int | None
) -> None:
    """One left five minutes ago and one leaves in five: a quarter of an hour after them is in ten and in twenty."""
    minute = timedelta(minutes=1)
    async with db.write() as tx:
        await stage(tx)
    other = await build.campaign(db, "cen_1")
    who = await build.leader(db, "cen_1")
    now = clock.now()
    async with db.write() as tx:
        about = {"campaign_id": other, "kind": Kind.NUDGE, "leader_id": who}
        rows = [delivery(1, now - 5 * minute, **about), delivery(2, now + 5 * minute, **about)]
        await deliveries.create(tx, rows)
        [campaign] = await tx.all(select(Campaign).where(Campaign.id == "cmp_1"))
        found = await rest(tx, campaign, {who: now + most * minute})
    assert found == ({} if waits is None else {who: now + waits * minute})
