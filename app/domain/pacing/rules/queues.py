"""What waits in an account for its turn: one queue for each campaign, in it one row for each chat.

Of the chats that may be spoken to, the one with the most left goes first, so that nobody's long row is left over when
all the others are done. A chat that has to wait stands aside until its time, and is asked again no sooner: however
many wait, they hold up nobody behind them.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from app.core.ids import share
from app.domain.pacing.rules.windows import NEVER


def gap(seed: str, delivery_id: str, *, least: float, most: float) -> float:
    """The pause after this delivery, in seconds: chance inside [least, most] that anyone can recompute."""
    return least + (most - least) * share(seed, delivery_id) if most > least else least


class Waiting(NamedTuple):
    """A delivery that is due in a lane. `rank`: lower goes first. `gap_s`: the pause its account takes after it."""

    id: str
    campaign: str
    chat: str
    rank: int
    due_at: float
    gap_s: float


@dataclass(frozen=True)
class Wait:
    """Nothing may leave before `until`; `bound_by` says what holds it."""

    until: float
    bound_by: str


@dataclass(slots=True)
class _Row:
    """One chat's deliveries, in order. `mark` names the one entry about it that counts; `aside` while it waits."""

    waiting: deque[Waiting] = field(default_factory=deque)
    mark: int = 0
    aside: bool = False


class Queue:
    """One campaign's deliveries in one account. `served` is the account's turn in which it last had one taken."""

    def __init__(self, rank: int) -> None:
        self.rank = rank
        self.served = 0
        self.length = 0
        self._rows: dict[str, _Row] = {}
        self._ready: list[tuple[int, float, int, _Row]] = []
        self._aside: list[tuple[float, int, str, _Row]] = []
        self._marks = 0

    def __iter__(self) -> Iterator[Waiting]:
        return (one for row in self._rows.values() for one in row.waiting)

    def put(self, one: Waiting) -> None:
        row = self._rows.setdefault(one.chat, _Row())
        row.waiting.append(one)
        self.length += 1
        if not row.aside:
            self._line_up(row)

    def freed(self, chat: str) -> None:
        """What held this chat may have changed."""
        row = self._rows.get(chat)
        if row is not None and row.aside:
            self._line_up(row)

    def all_freed(self) -> None:
        """What held any chat may have changed."""
        for row in self._rows.values():
            if row.aside:
                self._line_up(row)

    def next(self, now: float, hold: Callable[[Waiting, float], Wait | None]) -> Waiting | Wait:
        """Take what may leave; where all have to wait, the soonest wait. `hold` tells whether one has to."""
        while self._aside and (self._aside[0][0] <= now or self._aside[0][3].mark != self._aside[0][1]):
            _, mark, _, row = heappop(self._aside)
            if row.mark == mark:
                self._line_up(row)
        while self._ready:
            *_, mark, row = heappop(self._ready)
            if row.mark != mark:
                continue
            held = hold(row.waiting[0], now)
            if held is None:
                return self._take(row)
            self._stand_aside(row, held)
        if self._aside:
            return Wait(self._aside[0][0], self._aside[0][2])
        return Wait(NEVER, "nothing due")

    def _mark(self, row: _Row) -> int:
        self._marks += 1
        row.mark = self._marks
        return self._marks

    def _line_up(self, row: _Row) -> None:
        row.aside = False
        heappush(self._ready, (-len(row.waiting), row.waiting[0].due_at, self._mark(row), row))

    def _stand_aside(self, row: _Row, wait: Wait) -> None:
        row.aside = True
        heappush(self._aside, (wait.until, self._mark(row), wait.bound_by, row))

    def _take(self, row: _Row) -> Waiting:
        one = row.waiting.popleft()
        self.length -= 1
        if row.waiting:
            self._line_up(row)
        else:
            del self._rows[one.chat]
        return one
