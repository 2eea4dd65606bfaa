"""A disk that is full: nothing is said that could not be written down first, the API says what is wrong, and when there
is room again everything goes on."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.clock import wall_clock
from app.core.db import Database
from app.flows.plan import plan
from tests.world import World, world_on

GROUPS = 150


async def _room(db: Database, pages: int | None) -> None:
    """Let the database have so many pages more than it has; None: as many as it likes."""
    async with db.write() as tx:
        used = (await tx.run(text("PRAGMA page_count"))).scalar_one()
        free = (await tx.run(text("PRAGMA freelist_count"))).scalar_one()
        assert free == 0
        await tx.run(text(f"PRAGMA max_page_count = {2**31 - 1 if pages is None else used + pages}"))


async def _launched(world: World) -> str:
    rows = [{"group": f"G{n}", "platform": "wecom", "address": world.wecom(f"robot-{n:04}")} for n in range(GROUPS)]
    await world.groups(*rows)
    campaign = await world.draft()
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await plan(world.kit, campaign)
    return campaign


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_stops_the_drain_before_it_speaks_and_the_api_says_503(
    database_url: str, tmp_path: Path
) -> None:
    async with world_on(database_url, tmp_path, wall_clock()) as world:
        campaign = await _launched(world)
        await _room(world.kit.db, 0)
        for _ in range(3):
            with pytest.raises(OperationalError, match="full"):
                await world.forward(seconds=5)
        said = len(await world.received(standing=False))
        counts = (await world.campaign(campaign))["counts"]
        assert counts["posting"] + counts["relayed"] >= said, "said, and not written down"
        assert counts["planned"] > 0
        body = {"title": "Flood", "body": "long " * 700, "relay_minutes": 60}
        answer = await world.api.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "full"})
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        await _room(world.kit.db, None)
        await world.forward(seconds=40)
        assert (await world.campaign(campaign))["counts"]["relayed"] == GROUPS
        assert len(await world.received(standing=False)) == GROUPS
