"""Forecasts: the pacer, run over time that has not come yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.limits import Limit
from app.domain.pacing.rules.pacer import Pacer
from app.domain.pacing.rules.queues import Waiting
from app.domain.pacing.rules.windows import NEVER


@dataclass(frozen=True)
class Forecast:
    """When an account would post what it is given: (delivery id, time) in order. `bound_by` is what it would wait for
    the longest in sum."""

    times: Sequence[tuple[str, float]]
    bound_by: str

    @property
    def first_at(self) -> float:
        return self.times[0][1]

    @property
    def last_at(self) -> float:
        return self.times[-1][1]


def forecast(limits: Sequence[Limit], waiting: Iterable[Waiting], *, start: float) -> Forecast | None:
    """Run the pacer over time that has not come yet: the same rules as the drain, answers taken as instant."""
    pacer = Pacer(limits)
    pacer.offer(sorted(waiting, key=lambda one: (one.due_at, one.id)))
    now = start
    times: list[tuple[str, float]] = []
    waited: dict[str, float] = {}
    while True:
        found = pacer.next(now)
        if isinstance(found, Waiting):
            pacer.leaves(found, now)
            pacer.end(found, now)
            times.append((found.id, now))
        elif found.until == NEVER:
            break
        else:
            waited[found.bound_by] = waited.get(found.bound_by, 0.0) + found.until - now
            now = found.until
    if not times:
        return None
    bound_by = max(waited, key=lambda reason: waited[reason]) if waited else "nothing"
    return Forecast(times, bound_by)
