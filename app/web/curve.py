"""A timeline as a picture: lines from 0 to 100 each way, and what is written beside them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from app.reports.timeline import Point, Timeline
from app.web.axis import Axis, Tick, points

TOP = 8.0
"""Room above the highest line."""
ROWS = 8


@dataclass(frozen=True)
class Mark:
    """A moment the policy acts at: its number in the picture and in the list beside it."""

    number: int
    place: float
    at: datetime
    action: str


@dataclass(frozen=True)
class Curve:
    """`plan` is the ground between when groups begin and when they are due; `done` what they have, as far as it is
    known, and `area` the ground below it. `rows` are the same numbers for whoever reads no picture."""

    plan: str
    begun: str
    due: str
    done: str
    area: str
    ticks: Sequence[Tick]
    levels: Sequence[Tick]
    marks: Sequence[Mark]
    deadline: float | None
    now: float | None
    rows: Sequence[Point]
    had: int
    awaited: int
    total: int


def curve(seen: Timeline, zone: tzinfo) -> Curve | None:
    """None where there is nothing to draw yet."""
    if not seen.points or not seen.total:
        return None
    axis = Axis(seen.points[0].at, seen.points[-1].at, zone)

    def y(number: int) -> float:
        return round(100 - number / seen.total * (100 - TOP), 2)

    begun = [(axis.place(one.at), y(one.begun)) for one in seen.points]
    due = [(axis.place(one.at), y(one.due)) for one in seen.points]
    known = [one for one in seen.points if one.done is not None]
    done = [(axis.place(min(one.at, max(seen.now, axis.begins))), y(one.done or 0)) for one in known]
    acts = [one for one in seen.marks if axis.has(one.at)]
    passed = [one for one in seen.points if one.at <= seen.now]
    return Curve(
        plan=points([*begun, *reversed(due)]),
        begun=points(begun),
        due=points(due),
        done=points(done),
        area=points([(done[0][0], 100), *done, (done[-1][0], 100)]),
        ticks=axis.ticks(),
        levels=[Tick(y(number), str(number)) for number in sorted({seen.total, seen.total // 2}) if number],
        marks=[Mark(place + 1, axis.place(one.at), one.at, one.action.value) for place, one in enumerate(acts)],
        deadline=axis.place(seen.deadline_at) if seen.deadline_at else None,
        now=axis.place(seen.now) if axis.has(seen.now) else None,
        rows=[seen.points[place] for place in _spread(len(seen.points))],
        had=known[-1].done or 0,
        awaited=passed[-1].due if passed else 0,
        total=seen.total,
    )


def _spread(length: int) -> list[int]:
    """Some places, evenly apart, the last one among them."""
    return sorted({round(place * (length - 1) / (ROWS - 1)) for place in range(ROWS)})
