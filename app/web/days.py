"""Days as they are drawn: midnight to midnight on the reader's clock, with what falls into them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.domain.planning.rules import QUIET_FROM, QUIET_TO
from app.reports.calendar import Event
from app.web.axis import Axis, Tick

MOST_BARS = 8
_SLIVER = 0.8
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """One campaign in a day; `due` is where its last deadline lies, if in this day; `says` from when until when."""

    event: Event
    x: float
    width: float
    due: float | None
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Day:
    """`quiet` are the stretches in which the center's groups are left alone; `now` where it is."""

    date: date
    bars: Sequence[Bar]
    quiet: Sequence[tuple[float, float]]
    ticks: Sequence[Tick]
    now: float | None

    @property
    def rows(self) -> int:
        return min(len(self.bars), MOST_BARS)


def edges(first: date, days: int, zone: tzinfo) -> list[datetime]:
    """The midnights around these days, in UTC: two hours of one zone cannot be told apart by subtraction."""
    return [datetime.combine(first + _DAY * place, time(), zone).astimezone(UTC) for place in range(days + 1)]


def drawn(
    first: date, days: int, events: Sequence[Event], *, zone: tzinfo, quiet_zone: str | None, now: datetime
) -> list[Day]:
    midnights = edges(first, days, zone)
    return [_day(Axis(begins, ends, zone), events, quiet_zone, now) for begins, ends in pairwise(midnights)]


def _day(axis: Axis, events: Sequence[Event], quiet_zone: str | None, now: datetime) -> Day:
    bars = [_bar(axis, one) for one in events if one.begins < axis.ends and one.ends > axis.begins]
    quiet = [axis.stretch(*each) for each in quiet_hours(axis.begins, axis.ends, quiet_zone)]
    at = axis.place(now) if axis.begins <= now < axis.ends else None
    return Day(axis.begins.astimezone(axis.zone).date(), bars, quiet, axis.ticks(), at)


def _bar(axis: Axis, event: Event) -> Bar:
    x, width = axis.stretch(event.begins, event.ends, least=_SLIVER)
    due = axis.place(event.ends) if event.ends < axis.ends else None
    return Bar(event, x, width, due, max(event.begins, axis.begins), min(event.ends, axis.ends))


def quiet_hours(begins: datetime, ends: datetime, zone: str | None) -> Iterator[tuple[datetime, datetime]]:
    """The stretches between these moments in which a zone sleeps; none where no zone is known."""
    if zone is None:
        return
    there = ZoneInfo(zone)
    day = begins.astimezone(there).date() - _DAY
    while (falls := datetime.combine(day, QUIET_FROM, there)) < ends:
        wakes = datetime.combine(day + _DAY, QUIET_TO, there)
        if wakes > begins:
            yield max(falls, begins), min(wakes, ends)
        day += _DAY
