"""A campaign that no plan can be written for holds up no other."""

import pytest
from sqlalchemy import text

from app.flows.chores import finish_plans
from tests.world import World

NUL = '{"": "stay \\u0000 indoors"}'
"""PostgreSQL keeps it inside JSON, and takes it in no text."""


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_campaign_that_cannot_be_planned_holds_up_no_other(world: World) -> None:
    await world.groups({"group": "G", "platform": "wecom", "address": world.wecom("robot-0001")})
    broken, sound = [await world.draft(title=title) for title in ("broken", "sound")]
    for campaign in (broken, sound):
        await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    async with world.kit.db.write() as tx:
        await tx.run(text("UPDATE campaign SET texts = :texts WHERE id = :id"), {"texts": NUL, "id": broken})
    await finish_plans(world.kit)
    async with world.kit.db.read() as tx:
        rows = await tx.run(text("SELECT title, planned_at IS NOT NULL FROM campaign"))
    assert dict(map(tuple, rows)) == {"broken": False, "sound": True}
