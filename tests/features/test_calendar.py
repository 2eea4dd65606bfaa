"""The calendar holds every campaign with an hour, and names those that get into each other's way."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from app.core.db import Database
from app.domain.campaigns.states import State
from app.domain.campaigns.tables import Campaign, CampaignGroup
from app.reports.calendar import Calendar, calendar
from tests.builders.gallery import STAGES, Gallery, gallery

HOUR = timedelta(hours=1)


async def seen(made: Gallery, first: float, last: float) -> Calendar:
    async with made.db.read() as tx:
        return await calendar(tx, made.center_id, begins=tx.now + first * HOUR, ends=tx.now + last * HOUR)


def titles(found: Calendar) -> list[str]:
    return [one.title for one in found.events]


async def test_a_stretch_holds_what_is_under_way_in_it(db: Database) -> None:
    made = await gallery(db, groups=60)
    assert titles(await seen(made, -48, 100)) == [
        STAGES[key][0] for key in ("finished", "running", "scheduled", "later", "draft")
    ]
    assert titles(await seen(made, 6, 28)) == [STAGES["scheduled"][0]]
    assert titles(await seen(made, 28, 29)) == [STAGES["later"][0]]
    assert (await seen(made, 200, 300)).events == []
    over = {one.title: one.finished for one in (await seen(made, -48, 100)).events}
    assert [title for title, finished in over.items() if finished] == [STAGES["finished"][0]]


async def test_what_was_called_off_is_not_on_it_and_nobody_sees_another_centers(db: Database) -> None:
    made, other = await gallery(db, groups=2), await gallery(db, groups=2, keys=())
    async with db.write() as tx:
        await tx.run(update(Campaign).where(col(Campaign.id) == made.campaigns["later"]).values(state=State.CANCELLED))
    assert STAGES["later"][0] not in titles(await seen(made, -48, 100))
    assert (await seen(other, -48, 100)).events == []


async def test_two_campaigns_to_the_same_groups_within_a_day_are_named(db: Database) -> None:
    made = await gallery(db, groups=60)
    async with db.write() as tx:
        row = await tx.table(
            CampaignGroup.__table__.select().where(CampaignGroup.campaign_id == made.campaigns["later"])
        )
        gone = CampaignGroup.__table__.delete().where(
            col(CampaignGroup.group_id).in_([one.group_id for one in row[:2]])
        )
        await tx.run(gone.where(CampaignGroup.campaign_id == made.campaigns["later"]))
    found = (await seen(made, -48, 100)).collisions
    named = [(one.first.title, one.second.title, one.groups, list(one.accounts)) for one in found]
    running, scheduled, later = (STAGES[key][0] for key in ("running", "scheduled", "later"))
    assert named == [(running, scheduled, 60, []), (scheduled, later, 58, [])]


async def test_two_campaigns_at_once_take_turns_at_an_account(db: Database) -> None:
    made = await gallery(db, groups=60, keys=("running", "scheduled"))
    async with db.write() as tx:
        moved = update(Campaign).where(col(Campaign.id) == made.campaigns["scheduled"])
        await tx.run(moved.values(starts_at=tx.now + HOUR / 2))
    [one] = (await seen(made, -48, 100)).collisions
    assert set(one.accounts) == {"公告机器人", "企业微信机器人", "飞书通知"}
