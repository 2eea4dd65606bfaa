"""A quorum is judged at its own moment, by whole numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.quorum.rules import Ask, due_at, enough, read, stamp

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("done", "total", "percent", "reached"),
    [
        (9, 10, 90, True),
        (8, 10, 90, False),
        (89, 99, 90, False),
        (90, 99, 90, True),
        (0, 0, 90, True),
        (0, 1, 1, False),
    ],
)
def test_so_many_percent_are_that_many_and_not_nearly(done: int, total: int, percent: int, reached: bool) -> None:
    assert enough(done=done, total=total, percent=percent) is reached


@pytest.mark.parametrize(
    ("ask", "at"),
    [
        (Ask(90, at=T0 + timedelta(minutes=5)), T0 + timedelta(minutes=5)),
        (Ask(90, at_percent=50), T0 + timedelta(minutes=30)),
        (Ask(100, at_percent=200), T0 + timedelta(minutes=120)),
    ],
)
def test_its_moment_is_named_or_a_part_of_the_time(ask: Ask, at: datetime) -> None:
    assert due_at(ask, starts_at=T0, ends_at=T0 + timedelta(hours=1)) == at


def test_what_is_kept_is_what_was_asked() -> None:
    asks = [Ask(90, at=T0, branch_id="brn_1"), Ask(50, at_percent=0)]
    assert read(stamp(asks)) == asks
