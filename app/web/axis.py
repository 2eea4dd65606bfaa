"""A stretch of time as a line from 0 to 100: where a moment lies, and which round moments are written beside it. Pure;
shared by every picture with a clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

MOST_TICKS = 5
_STEPS = [timedelta(minutes=each) for each in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
_DAYS = [timedelta(days=each) for each in (1, 2, 7, 14, 28, 56, 112, 364)]
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tick:
    """Something written at a place; `anchor` keeps words at either end inside the picture."""

    place: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Axis:
    """From `begins` to `ends`, read on the clock of `zone`."""

    begins: datetime
    ends: datetime
    zone: tzinfo

    def place(self, at: datetime) -> float:
        """Where a moment lies; what is outside lies at the nearer end."""
        whole = max((self.ends - self.begins).total_seconds(), 1.0)
        return round(min(max((at - self.begins).total_seconds() / whole, 0.0), 1.0) * 100, 2)

    def stretch(self, first: datetime, last: datetime, *, least: float = 0.0) -> tuple[float, float]:
        """Where a stretch begins, and how wide it is; at least so wide that it is seen."""
        x, end = self.place(first), self.place(last)
        width = min(max(end - x, least), 100.0)
        return round(min(x, 100 - width), 2), round(width, 2)

    def has(self, at: datetime) -> bool:
        return self.begins <= at <= self.ends

    def ticks(self, most: int = MOST_TICKS) -> list[Tick]:
        """Round moments of the reader's clock, few enough for a phone."""
        length = self.ends - self.begins
        step = next((each for each in (*_STEPS, *_DAYS) if length / each < most), _DAYS[-1])
        midnight = self.begins.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        found, turn = [], (self.begins.astimezone(self.zone).replace(tzinfo=None) - midnight) // step
        while (local := (midnight + step * turn).replace(tzinfo=self.zone)) <= self.ends:
            if local >= self.begins and _is_on_the_clock(local):
                at = self.place(local)
                found.append(Tick(at, _label(local, step), anchor(at)))
            turn += 1
        return found


def anchor(place: float) -> str:
    """How words stand at a place: inside the picture."""
    return "start" if place < 8 else "end" if place > 92 else "middle"


def points(places: Sequence[tuple[float, float]]) -> str:
    """A line as SVG writes it."""
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _is_on_the_clock(local: datetime) -> bool:
    """Whether this hour exists: not where clocks go forward."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _label(local: datetime, step: timedelta) -> str:
    if step >= _A_DAY or (local.hour, local.minute) == (0, 0):
        return f"{local.month}/{local.day}"
    return f"{local:%H:%M}"
