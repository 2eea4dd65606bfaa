"""The pacer of one account: its own limits, its chats' limits, the jittered pause, and whose turn it is."""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from app.core.limits import Limit, Scope
from app.domain.pacing.rules.queues import Queue, Wait, Waiting
from app.domain.pacing.rules.windows import NEVER, Window

BLINK_S = 0.005
AWAKE = Wait(0.0, "nothing")


class Pacer:
    """`next` begins a post; `leaves` tells that it is being said, and `end` or `undo` what became of it."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits = tuple(limits)
        self.under_way = 0
        self._chat_limits = [limit for limit in limits if limit.scope is Scope.CHAT]
        self._account = [Window(limit) for limit in limits if limit.scope is not Scope.CHAT]
        self._chats: dict[str, list[Window]] = {}
        self._shut: dict[str, float] = {}
        self._fading: list[tuple[float, str]] = []
        self._queues: dict[str, Queue] = {}
        self._known: set[str] = set()
        self._inherited: dict[tuple[str, int], str] = {}
        self._turns = 0
        self._rest_until = 0.0
        self._gap_until = self._gap_before = 0.0
        self._leaving: Waiting | None = None
        self._latest: Waiting | None = None
        self.asleep = AWAKE
        """What `next` answered last, if that was a wait: until then, or until it is told something, it holds."""

    def offer(self, waiting: Iterable[Waiting]) -> None:
        """Add what is due, in order; what is known already is passed over."""
        self.asleep = AWAKE
        for one in waiting:
            if one.id not in self._known:
                self._known.add(one.id)
                self._queues.setdefault(one.campaign, Queue(one.rank)).put(one)

    def waiting(self, campaign: str) -> int:
        return self._queues[campaign].length if campaign in self._queues else 0

    def campaigns(self) -> list[str]:
        """Campaigns with something waiting here."""
        return list(self._queues)

    def urgency(self) -> int:
        """The rank of the most urgent campaign that waits here; the lower, the sooner."""
        return min((queue.rank for queue in self._queues.values()), default=99)

    def forget(self, campaign: str) -> None:
        """Drop what a campaign has waiting here: it was paused, or is to be read afresh."""
        for one in self._queues.pop(campaign, ()):
            self._known.discard(one.id)

    def next(self, now: float) -> Waiting | Wait:
        """What leaves now, taken off its queue and begun; or until when to wait, and for what."""
        if self.asleep.until > now:
            return self.asleep
        found = self._next(now)
        self.asleep = found if isinstance(found, Wait) else AWAKE
        return found

    def _next(self, now: float) -> Waiting | Wait:
        self._fade(now)
        if not self._queues:
            return Wait(NEVER, "nothing due")
        wait = self._wait(now)
        if wait is not None:
            return wait
        soonest = Wait(NEVER, "a post under way")
        for campaign, queue in sorted(self._queues.items(), key=lambda item: (item[1].rank, item[1].served)):
            found = queue.next(now, self._hold)
            if isinstance(found, Waiting):
                if not queue.length:
                    del self._queues[campaign]
                self._turns += 1
                queue.served = self._turns
                self._begin(found, now)
                return found
            soonest = min(soonest, found, key=lambda wait: wait.until)
        return soonest

    def _wait(self, now: float) -> Wait | None:
        """What holds the whole account."""
        if self._rest_until > now:
            return Wait(self._rest_until, "the platform's wait")
        if self._gap_until > now:
            return Wait(self._gap_until, "the pause between two posts")
        if self._leaving is not None:
            return Wait(now + BLINK_S, "the pause between two posts")
        for window in self._account:
            if window.free_at() > now:
                return Wait(window.free_at(), str(window.limit))
        return None

    def _hold(self, one: Waiting, now: float) -> Wait | None:
        """What holds this one."""
        if one.due_at > now:
            return Wait(one.due_at, "its own time")
        if self._shut.get(one.chat, 0.0) > now:
            return Wait(self._shut[one.chat], "the platform's wait")
        for window in self._chats.get(one.chat, ()):
            if window.free_at() > now:
                return Wait(window.free_at(), str(window.limit))
        return None

    def _windows(self, chat: str) -> Iterable[Window]:
        if self._chat_limits and chat not in self._chats:
            self._chats[chat] = [Window(limit) for limit in self._chat_limits]
        return (*self._account, *self._chats.get(chat, ()))

    def _begin(self, one: Waiting, now: float) -> None:
        self.under_way += 1
        for window in self._windows(one.chat):
            window.begin()
        self._gap_before, self._gap_until = self._gap_until, now + one.gap_s
        self._latest = one
        self._leaving = one if one.gap_s > 0 else None

    def leaves(self, one: Waiting, now: float) -> None:
        """Its words leave now: the pause after it begins here, not when it was picked."""
        self.asleep = AWAKE
        if self._latest is one:
            self._leaving = None
            self._gap_until = max(self._gap_until, now + one.gap_s)

    def undo(self, one: Waiting) -> None:
        """It did not leave after all: a gate had closed, or somebody else took it. Nobody pauses after it."""
        self.under_way -= 1
        self._known.discard(one.id)
        if self._latest is one:
            self._gap_until, self._latest = self._gap_before, None
        for window in self._windows(one.chat):
            window.undo()
        self._over(one)

    def end(self, one: Waiting, now: float) -> None:
        """The platform has answered, or never will."""
        self.under_way -= 1
        self._known.discard(one.id)
        for window in self._windows(one.chat):
            window.end(now)
        self._over(one)

    def _over(self, one: Waiting) -> None:
        if self._leaving is one:
            self._leaving = None
        self._let_go(one.chat)

    def _let_go(self, chat: str) -> None:
        """Its windows have changed: whoever waits for them is asked again, and some day they are forgotten."""
        self.asleep = AWAKE
        for queue in self._queues.values():
            queue.freed(chat)
        empty_at = max((window.empty_at() for window in self._chats.get(chat, ())), default=NEVER)
        if empty_at < NEVER:
            heappush(self._fading, (empty_at, chat))

    def _fade(self, now: float) -> None:
        """Forget the chats of which nothing counts any more: accounts live longer than their chats' news."""
        while self._fading and self._fading[0][0] <= now:
            _, chat = heappop(self._fading)
            if self._shut.get(chat, now) <= now:
                self._shut.pop(chat, None)
            if all(window.empty_at() <= now for window in self._chats.get(chat, ())):
                self._chats.pop(chat, None)

    def shut(self, chat: str, until: float) -> None:
        """The platform asked for a wait on this chat."""
        self.asleep = AWAKE
        self._shut[chat] = max(until, self._shut.get(chat, 0.0))
        heappush(self._fading, (self._shut[chat], chat))

    def rest(self, until: float) -> None:
        """The whole account waits."""
        self.asleep = AWAKE
        self._rest_until = max(self._rest_until, until)

    def remember(self, chat: str, ended_at: float, *, quiet_until: float = 0.0) -> None:
        """A send from before this pacer existed, as the attempts tell it."""
        for window in self._windows(chat):
            window.begin()
            window.end(ended_at)
        self._let_go(chat)
        self._gap_until = max(self._gap_until, quiet_until)

    def inherit(self, delivery: str, fence: int, chat: str, *, quiet_until: float = 0.0) -> None:
        """A send that somebody before this pacer began, and whose end is not known: it holds its places until then."""
        self._inherited[delivery, fence] = chat
        for window in self._windows(chat):
            window.begin()
        self._gap_until = max(self._gap_until, quiet_until)

    @property
    def inherited(self) -> frozenset[tuple[str, int]]:
        """The (delivery, fence) of what was inherited and has not ended."""
        return frozenset(self._inherited)

    def conclude(self, delivery: str, fence: int, now: float) -> None:
        """What was inherited has ended by now."""
        chat = self._inherited.pop((delivery, fence))
        for window in self._windows(chat):
            window.end(now)
        self._let_go(chat)
