"""What a campaign's accounts will do, lane by lane on one clock: when each posts, when it waits, and when its groups
sleep. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise

from app.flows.foresee import LaneForecast
from app.web.axis import Axis, Tick
from app.web.days import quiet_hours

_SLIVER = 1.0


@dataclass(frozen=True)
class Bar:
    """A lane with the stretches in which it posts."""

    lane: LaneForecast
    stretches: Sequence[tuple[float, float]]

    @property
    def rests(self) -> list[tuple[datetime, datetime]]:
        """From when until when it rests between them."""
        return [(before[1], after[0]) for before, after in pairwise(self.lane.busy)]


@dataclass(frozen=True)
class Gantt:
    """The longest lane first; `quiet` are the center's quiet hours on the same scale."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    quiet: Sequence[tuple[float, float]]


def gantt(lanes: Sequence[LaneForecast], *, zone: tzinfo, quiet_zone: str | None) -> Gantt | None:
    """On one scale from the first post of all to the last; what is too short to see is drawn as a sliver."""
    if not lanes:
        return None
    axis = Axis(min(lane.first_at for lane in lanes), max(lane.last_at for lane in lanes), zone)
    bars = [
        Bar(lane, [axis.stretch(*each, least=_SLIVER) for each in lane.busy])
        for lane in sorted(lanes, key=lambda lane: (lane.last_at, lane.posts), reverse=True)
    ]
    quiet = [axis.stretch(*each) for each in quiet_hours(axis.begins, axis.ends, quiet_zone)]
    return Gantt(bars, axis.ticks(), quiet)
