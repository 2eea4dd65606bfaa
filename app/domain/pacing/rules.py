"""When one account may send next. Pure: time comes in as seconds, nothing is read and nothing sleeps.

A limit of N per window holds for what the platform sees, and it sees a send somewhere between our first byte and
its answer. So a send occupies its place from its beginning until a window after its *end*: whatever the network
does to the spacing, no window ever holds N + 1 arrivals. Two percent of slack covers the clocks.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.core.ids import share
from app.core.limits import Limit, Scope

SLACK = 1.02
LOOK_PAST = 16
NEVER = float("inf")


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


@dataclass
class Window:
    """One limit's memory: sends under way, and when the last `count` of them ended."""

    limit: Limit
    under_way: int = 0
    ends: deque[float] = field(default_factory=deque)

    def free_at(self) -> float:
        """When one more may begin; NEVER while only the end of one under way can tell."""
        left = self.limit.count - self.under_way
        if left <= 0:
            return NEVER
        if len(self.ends) < left:
            return 0.0
        return self.ends[-left] + self.limit.per_s * SLACK

    def begin(self) -> None:
        self.under_way += 1

    def undo(self) -> None:
        self.under_way -= 1

    def end(self, at: float) -> None:
        self.under_way -= 1
        self.ends.append(at)
        if len(self.ends) > self.limit.count:
            self.ends.popleft()


class Pacer:
    """One account's pace: its own limits, its chats' limits, the jittered gap, and whose turn it is."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._chat_limits = [limit for limit in limits if limit.scope is Scope.CHAT]
        self._account = [Window(limit) for limit in limits if limit.scope is not Scope.CHAT]
        self._chats: dict[str, list[Window]] = {}
        self._shut: dict[str, float] = {}
        self._queues: dict[str, deque[Waiting]] = {}
        self._known: set[str] = set()
        self._served: dict[str, int] = {}
        self._turns = 0
        self._gap_until = 0.0

    def offer(self, waiting: Iterable[Waiting]) -> None:
        """Add what is due, in order; what is known already is passed over."""
        for one in waiting:
            if one.id not in self._known:
                self._known.add(one.id)
                self._queues.setdefault(one.campaign, deque()).append(one)

    def waiting(self, campaign: str) -> int:
        return len(self._queues.get(campaign, ()))

    def campaigns(self) -> list[str]:
        """Campaigns with something waiting here."""
        return list(self._queues)

    def urgency(self) -> int:
        """The rank of the most urgent campaign that waits here; the lower, the sooner."""
        return min((queue[0].rank for queue in self._queues.values()), default=99)

    def forget(self, campaign: str) -> None:
        """Drop what a campaign has waiting here: it was paused, or is to be read afresh."""
        for one in self._queues.pop(campaign, ()):
            self._known.discard(one.id)

    def next(self, now: float) -> Waiting | Wait:
        """What leaves now, taken off its queue and begun; or until when to wait, and for what."""
        if not self._queues:
            return Wait(NEVER, "nothing due")
        if self._gap_until > now:
            return Wait(self._gap_until, "the pause between two posts")
        for window in self._account:
            if window.free_at() > now:
                return Wait(window.free_at(), str(window.limit))
        soonest = Wait(NEVER, "a post under way")
        for campaign in sorted(self._queues, key=self._turn):
            queue = self._queues[campaign]
            for place in range(min(len(queue), LOOK_PAST)):
                hold = self._hold(queue[place], now)
                if hold is None:
                    return self._take(campaign, place, now)
                soonest = min(soonest, hold, key=lambda wait: wait.until)
        return soonest

    def _turn(self, campaign: str) -> tuple[int, int]:
        return (self._queues[campaign][0].rank, self._served.get(campaign, 0))

    def _hold(self, one: Waiting, now: float) -> Wait | None:
        if one.due_at > now:
            return Wait(one.due_at, "its own time")
        if self._shut.get(one.chat, 0.0) > now:
            return Wait(self._shut[one.chat], "the platform's wait")
        for window in self._windows(one.chat):
            if window.free_at() > now:
                return Wait(window.free_at(), str(window.limit))
        return None

    def _windows(self, chat: str) -> list[Window]:
        if chat not in self._chats:
            self._chats[chat] = [Window(limit) for limit in self._chat_limits]
        return self._chats[chat]

    def _take(self, campaign: str, place: int, now: float) -> Waiting:
        queue = self._queues[campaign]
        one = queue[place]
        del queue[place]
        if not queue:
            del self._queues[campaign]
        self._turns += 1
        self._served[campaign] = self._turns
        for window in (*self._account, *self._windows(one.chat)):
            window.begin()
        self._gap_until = now + one.gap_s
        return one

    def undo(self, one: Waiting) -> None:
        """It did not leave after all: a gate had closed, or somebody else took it. Nobody pauses after it."""
        self._known.discard(one.id)
        self._gap_until -= one.gap_s
        for window in (*self._account, *self._windows(one.chat)):
            window.undo()

    def end(self, one: Waiting, now: float) -> None:
        """The platform has answered, or never will."""
        self._known.discard(one.id)
        for window in (*self._account, *self._windows(one.chat)):
            window.end(now)

    def shut(self, chat: str, until: float) -> None:
        """The platform asked for a wait on this chat."""
        self._shut[chat] = max(until, self._shut.get(chat, 0.0))

    def rest(self, until: float) -> None:
        """The whole account waits."""
        self._gap_until = max(self._gap_until, until)

    def remember(self, chat: str, ended_at: float, *, quiet_until: float = 0.0) -> None:
        """A send from before this pacer existed, as the attempts tell it."""
        for window in (*self._account, *self._windows(chat)):
            window.begin()
            window.end(ended_at)
        self._gap_until = max(self._gap_until, quiet_until)


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
