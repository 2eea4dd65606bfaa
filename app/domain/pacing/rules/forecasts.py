"""Forecasts: the pacer, run over time that has not come yet."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from app.core.limits import Limit
from app.domain.pacing.rules.pacer import Pacer
from app.domain.pacing.rules.queues import Waiting
from app.domain.pacing.rules.windows import NEVER

INSTANT_S = 0.001
"""Nothing is put off by less: moments and seconds are turned into each other."""


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

    def busy(self, *, rest_s: float) -> list[tuple[float, float]]:
        """The stretches in which it posts: a pause longer than this ends one."""
        times = [at for _, at in self.times]
        ends = [place for place in range(1, len(times)) if times[place] - times[place - 1] > rest_s]
        return [(times[a], times[b - 1]) for a, b in zip([0, *ends], [*ends, len(times)], strict=True)]


def forecast(limits: Sequence[Limit], waiting: Iterable[Waiting], *, start: float) -> Forecast | None:
    """When one account by itself would post these."""
    return forecasts({"": Pacer(limits)}, {"": waiting}, start=start).get("")


def at_once(_delivery: str, now: float) -> float:
    return now


def forecasts(
    pacers: Mapping[str, Pacer],
    waiting: Mapping[str, Iterable[Waiting]],
    *,
    start: float,
    put_off: Callable[[str, float], float] = at_once,
) -> dict[str, Forecast]:
    """Run fresh pacers over time that has not come yet: the same rules as the drain, answers taken as instant.
    `put_off` tells until when a delivery has to wait whose turn it is at that moment, as the drain finds out when it
    takes it. Whoever has nothing to post is left out."""
    turns = [(start, account) for account in sorted(waiting)]
    times: dict[str, list[tuple[str, float]]] = {account: [] for account in waiting}
    waited: dict[str, defaultdict[str, float]] = {account: defaultdict(float) for account in waiting}
    for account, those in waiting.items():
        pacers[account].offer(sorted(those, key=lambda one: (one.due_at, one.id)))
    while turns:
        now, account = heappop(turns)
        found = pacers[account].next(now)
        if isinstance(found, Waiting) and (until := put_off(found.id, now)) > now + INSTANT_S:
            pacers[account].undo(found)
            pacers[account].offer([found._replace(due_at=until)])
            heappush(turns, (now, account))
        elif isinstance(found, Waiting):
            pacers[account].leaves(found, now)
            pacers[account].end(found, now)
            times[account].append((found.id, now))
            heappush(turns, (now, account))
        elif found.until < NEVER:
            waited[account][found.bound_by] += found.until - now
            heappush(turns, (found.until, account))
    return {account: _forecast(those, waited[account]) for account, those in times.items() if those}


def _forecast(times: Sequence[tuple[str, float]], waited: Mapping[str, float]) -> Forecast:
    return Forecast(times, max(waited, key=lambda reason: waited[reason]) if waited else "nothing")
