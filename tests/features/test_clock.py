"""One clock for every judgement: whatever a machine's own clock shows, its worker goes by the database's."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.core.clock import SETTLED_S, DatabaseClock
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


def _shows(clock: DatabaseClock, wrong: timedelta, *timer: float) -> bool:
    """The machine's clock is wrong by this much at each of these looks; whether ours shows the same in the end."""
    for at in timer:
        clock.settle(datetime.now(UTC) + wrong, at)
    return abs(clock.now() - datetime.now(UTC) - wrong) < timedelta(seconds=1)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_on_sqlite_a_process_that_began_with_a_wrong_clock_comes_right_when_the_machines_has_settled(
    wrong: timedelta,
) -> None:
    clock = DatabaseClock()
    clock.follow(datetime.now(UTC) + wrong)
    assert not _shows(clock, timedelta(), *range(0, int(SETTLED_S), 5))
    assert _shows(clock, timedelta(), SETTLED_S)


def test_on_sqlite_a_step_that_is_taken_back_moves_nothing() -> None:
    clock, hour = DatabaseClock(), timedelta(hours=1)
    assert not _shows(clock, hour, *range(0, int(SETTLED_S), 5))
    assert _shows(clock, timedelta(), SETTLED_S, SETTLED_S + 5)
    assert not _shows(clock, hour, *range(700, 700 + int(SETTLED_S), 5))
    for number in range(400):  # a clock that runs away is never settled
        assert not _shows(clock, hour * (number + 2), 2000.0 + 5 * number)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_look_at_the_machines_clock_moves_nothing_by_itself(database_url: str) -> None:
    clock = DatabaseClock()
    clock.follow(datetime.now(UTC) + timedelta(hours=1))
    db = Database(database_url, clock=clock)
    await db.follow_clock()
    await db.follow_clock()
    assert clock.now() - datetime.now(UTC) > timedelta(minutes=59)
    await db.close()
