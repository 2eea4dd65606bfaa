"""The roster of a worker's pacers: who of them is to be asked now. Whoever sleeps is not, before its time has come or
it is woken: a pick costs as much as there are awake, however many sleep."""

from collections.abc import Iterator, MutableMapping
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count

from app.domain.pacing.rules.pacer import Pacer
from app.domain.pacing.rules.shared import unheard
from app.domain.pacing.rules.windows import NEVER

SPARE = 64
"""So many alarms that no longer count are left standing, beside as many as there are pacers."""


class Roster(MutableMapping[str, Pacer]):
    """Pacers by their accounts. Each is among the awake, or has an alarm no later than its sleep ends, or sleeps until
    it is told something; and whichever is told something while it sleeps puts itself among the awake."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._members: dict[int, tuple[str, Pacer]] = {}
        self._awake: set[int] = set()
        self._alarms: list[tuple[float, int]] = []
        self._free = count()

    def __getitem__(self, account: str) -> Pacer:
        return self._members[self._places[account]][1]

    def __setitem__(self, account: str, pacer: Pacer) -> None:
        self.pop(account, None)
        place = self._places[account] = next(self._free)
        self._members[place] = account, pacer
        pacer.sleep.on_end = partial(self._awake.add, place)
        self._awake.add(place)

    def __delitem__(self, account: str) -> None:
        place = self._places.pop(account)
        self._members.pop(place)[1].sleep.on_end = unheard
        self._awake.discard(place)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def awake(self, until: float) -> list[tuple[str, Pacer]]:
        """Who does not sleep longer than that, in the order in which they were entered."""
        while self._alarms and self._alarms[0][0] <= until:
            place = heappop(self._alarms)[1]
            if place in self._members:
                self._awake.add(place)
        found = [self._members[place] for place in sorted(self._awake)]
        return [member for member in found if member[1].asleep.until <= until]

    def next_after(self, until: float) -> float:
        """The first moment later than that at which a sleep ends; NEVER where nobody's does. Of the awake, those that
        have fallen asleep by now are asked no more."""
        for place in [place for place in self._awake if self._sleeps_until(place) > until]:
            self._awake.remove(place)
            self._set_alarm(place)
        while self._alarms:
            at, place = self._alarms[0]
            if place in self._members and self._sleeps_until(place) == at:
                return at
            heappop(self._alarms)
            if place in self._members and place not in self._awake:
                self._set_alarm(place)
        return NEVER

    def _sleeps_until(self, place: int) -> float:
        return self._members[place][1].asleep.until

    def _set_alarm(self, place: int) -> None:
        at = self._sleeps_until(place)
        if at < NEVER:
            heappush(self._alarms, (at, place))
        if len(self._alarms) > 2 * len(self._members) + SPARE:
            asleep = self._members.keys() - self._awake
            self._alarms = [(at, one) for one in asleep if (at := self._sleeps_until(one)) < NEVER]
            heapify(self._alarms)
