"""What a timeline draws: places from 0 to 100, round hours of the reader's clock, and the same in numbers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.escalation.rules import Action
from app.reports.timeline import Mark, Point, Timeline
from app.web.axis import Axis
from app.web.curve import curve

T0 = datetime(2026, 3, 28, 22, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_a_curve_ends_where_now_is_and_the_plan_goes_on() -> None:
    points = [Point(at(0), 0, 0, 0), Point(at(50), 8, 0, 4), Point(at(100), 8, 8, None)]
    drawn = curve(Timeline(8, at(40), at(100), points, [Mark(at(75), Action.REMIND), Mark(at(130), Action.HEAD)]), UTC)
    assert drawn is not None
    assert drawn.done == "0,100 40,54"
    assert drawn.due == "0,100 50,100 100,8"
    assert (drawn.now, drawn.deadline, drawn.had, drawn.awaited) == (40, 100, 4, 0)
    assert [(mark.number, mark.place, mark.action) for mark in drawn.marks] == [(1, 75, "remind")]
    assert [(level.label, level.place) for level in drawn.levels] == [("4", 54), ("8", 8)]


def test_nothing_planned_is_nothing_drawn() -> None:
    assert curve(Timeline(0, T0, None, (), ()), UTC) is None


@pytest.mark.parametrize(
    ("minutes", "labels"),
    [
        (3, ["23:10", "23:11", "23:12", "23:13"]),
        (170, ["3/29", "01:00", "03:00"]),  # the clocks go forward at two: there is no 02:00
        (60 * 24 * 4, ["3/29", "3/30", "3/31", "4/1", "4/2"]),
        (60 * 24 * 200, ["5/23", "7/18", "9/12"]),
    ],
)
def test_hours_are_round_on_the_readers_clock(minutes: int, labels: list[str]) -> None:
    found = [tick.label for tick in Axis(T0, at(minutes), BERLIN).ticks()]
    assert found == labels
    assert len(found) <= 5
