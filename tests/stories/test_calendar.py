"""The calendar of campaigns as they were really launched."""

from datetime import timedelta

from sqlmodel import col, select

from app.domain.campaigns.tables import Campaign
from app.reports.calendar import calendar
from tests.world import World


async def test_it_knows_how_many_groups_each_has_and_which_get_two_at_once(world: World) -> None:
    await world.account("bot")
    leader = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
    await world.groups(*({"group": name, **leader} for name in ("G1", "G2")))
    await world.launch(title="First")
    await world.launch(title="Second")
    now = world.clock.now()
    async with world.kit.db.read() as tx:
        center_id = (await tx.table(select(col(Campaign.center_id)).limit(1)))[0].center_id
        seen = await calendar(tx, center_id, begins=now, ends=now + timedelta(days=1))
    assert {one.title: one.groups for one in seen.events} == {"First": 2, "Second": 2}
    assert [(one.first.title, one.second.title, one.groups) for one in seen.collisions] == [("First", "Second", 2)]
