"""One clock for every judgement: whatever a machine's own clock shows, its worker goes by the database's."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.core.clock import DatabaseClock
from app.core.db import Database

WRONG = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=3653), timedelta(seconds=5), timedelta(seconds=-90)]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_clock_that_was_set_wrong_is_right_again_as_soon_as_the_database_was_asked(
    database_url: str, wrong: timedelta
) -> None:
    clock = DatabaseClock()
    clock.follow(datetime.now(UTC) + wrong)
    db = Database(database_url, clock=clock)
    await db.follow_clock()
    async with db.read() as tx:
        told = (await tx.run(text("SELECT clock_timestamp()"))).scalar_one()
        assert abs(told - tx.now) < timedelta(seconds=1)
    await db.close()
