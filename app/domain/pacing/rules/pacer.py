"""The pacer of one account: its limits and those it shares, the jittered pause, and whose turn it is."""

from collections.abc import Iterable, Sequence

from app.core.limits import Limit, Rush
from app.domain.pacing.rules.queues import Queue, Wait, Waiting
from app.domain.pacing.rules.rations import Ration
from app.domain.pacing.rules.shared import AHEAD_S, Common, Sleep
from app.domain.pacing.rules.windows import NEVER

BLINK_S = AHEAD_S + 0.005
"""When to ask again while nobody can know: later than anybody asks ahead, or it would be asked on and on."""
PAUSE = "the pause between two posts"
INCIDENT = 0
"""The rank that nothing holds but limits."""


def fair_room(free: int, own: int, *, quick: int = 0) -> int:
    """How many posts one account may have under way: half of the room that the others leave it, and one at least. A
    platform that answers nothing holds each post until its deadline; it must not hold every place there is. Where
    `quick` of its posts were answered at once just now, so many may come on top, up to three quarters of that room:
    about as many are answered while the next ones are claimed, unless the platform goes dark this moment."""
    room = free + own
    return max(1, min(room // 2 + quick, room * 3 // 4))


class Pacer:
    """`next` begins a post; `leaves` tells that it is being said, and `end` or `undo` what became of it. `limits` are
    the account's own, `common` is what it shares with others, and `rush` when its platform asks to be left alone."""

    def __init__(self, limits: Sequence[Limit], *, common: Common | None = None, rush: Rush | None = None) -> None:
        own = Common(limits)
        self._common = common or own
        self._grounds = (own,) if common is None else (common, own) if limits else (common,)
        self.limits = tuple(limit for ground in self._grounds for limit in ground.limits)
        self.under_way = 0
        self._rush = rush
        self._rations: Sequence[Ration] = ()
        self._queues: dict[str, Queue] = {}
        self._known: set[str] = set()
        self._inherited: dict[tuple[str, int], str] = {}
        self._turns = 0
        self._gap_until = self._gap_before = 0.0
        self._leaving: Waiting | None = None
        self._latest: Waiting | None = None
        self.sleep = Sleep()
        """Ended by whatever is told to this pacer or to one it shares limits with: by that method, or by its ground."""

    @property
    def asleep(self) -> Wait:
        """What `next` answered last, if that was a wait: until then, or until it or those it shares limits with are
        told something, it holds."""
        return self.sleep.wait

    def offer(self, waiting: Iterable[Waiting]) -> None:
        """Add what is due, in order; what is known already is passed over."""
        self.sleep.end()
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

    def ration(self, rations: Sequence[Ration]) -> None:
        """What is left of the account's quotas, counted afresh."""
        self._rations = rations
        self.sleep.end()
        for queue in self._queues.values():
            queue.all_freed()

    def next(self, now: float) -> Waiting | Wait:
        """What leaves now, taken off its queue and begun; or until when to wait, and for what."""
        if self.asleep.until > now:
            return self.asleep
        found = self._next(now)
        if isinstance(found, Wait):
            self.sleep.wait = found
            self._common.ends(self.sleep)
        else:
            self.sleep.end()
        return found

    def _next(self, now: float) -> Waiting | Wait:
        for ground in self._grounds:
            ground.fade(now)
        if not self._queues:
            return Wait(NEVER, "nothing due")
        wait = self._wait(now)
        if wait is not None:
            return wait
        rush_until = self._rush.over_at(now) if self._rush else now
        soonest = Wait(NEVER, "a post under way")
        for campaign, queue in sorted(self._queues.items(), key=lambda item: (item[1].rank, item[1].served)):
            if rush_until > now and queue.rank > INCIDENT:
                return min(soonest, Wait(rush_until, str(self._rush)), key=lambda wait: wait.until)
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

    def ask(self, now: float, ahead: float) -> tuple[Waiting | Wait, float]:
        """As `next`, for what may leave now or so many seconds ahead; with the moment from which it may."""
        found = self.next(now)
        while isinstance(found, Wait) and found.until <= now + ahead:
            ahead -= found.until - now
            now, found = found.until, self.next(found.until)
        return found, now

    def _wait(self, now: float) -> Wait | None:
        """What holds the whole account."""
        if self._common.rest_until > now:
            return Wait(self._common.rest_until, "the platform's wait")
        if self._gap_until > now:
            return Wait(self._gap_until, PAUSE)
        if self._leaving is not None:
            return Wait(now + BLINK_S, PAUSE)
        return next(filter(None, (ground.wait(now) for ground in self._grounds)), None)

    def _hold(self, one: Waiting, now: float) -> Wait | None:
        """What holds this one."""
        if one.due_at > now:
            return Wait(one.due_at, "its own time")
        for ration in self._rations:
            if ration.until > now and ration.empty(one.chat):
                return Wait(ration.until, str(ration))
        return next(filter(None, (ground.hold(one.chat, now, self._freed) for ground in self._grounds)), None)

    def _freed(self, chat: str) -> None:
        for queue in self._queues.values():
            queue.freed(chat)

    def _begin(self, one: Waiting, now: float) -> None:
        self.under_way += 1
        for ration in self._rations:
            ration.take(one.chat)
        for ground in self._grounds:
            ground.begin(one.chat)
        self._gap_before, self._gap_until = self._gap_until, now + one.gap_s
        self._latest = one
        self._leaving = one if one.gap_s > 0 else None

    def leaves(self, one: Waiting, now: float) -> None:
        """Its words leave now: the pause after it begins here, not when it was picked."""
        self.sleep.end()
        if self._latest is one:
            self._leaving = None
            self._gap_until = max(self._gap_until, now + one.gap_s)

    def undo(self, one: Waiting) -> None:
        """It did not leave after all: a gate had closed, or somebody else took it. Nobody pauses after it."""
        if self._latest is one:
            self._gap_until, self._latest = self._gap_before, None
        self._over(one)
        for ration in self._rations:
            ration.take(one.chat, -1)
        for ground in self._grounds:
            ground.undo(one.chat)

    def end(self, one: Waiting, now: float) -> None:
        """The platform has answered, or never will."""
        self._over(one)
        for ground in self._grounds:
            ground.end(one.chat, now)

    def _over(self, one: Waiting) -> None:
        self.under_way -= 1
        self._known.discard(one.id)
        if self._leaving is one:
            self._leaving = None

    def shut(self, chat: str, until: float) -> None:
        """The platform asked for a wait on this chat."""
        self._common.shut(chat, until)

    def rest(self, until: float) -> None:
        """The account waits, and with it whoever shares its limits."""
        self._common.rest(until)

    def resting(self, now: float) -> bool:
        return self._common.rest_until > now

    def remember(self, chat: str, ended_at: float, *, quiet_until: float = 0.0) -> None:
        """A send from before this pacer existed, as the attempts tell it."""
        for ground in self._grounds:
            ground.begin(chat)
            ground.end(chat, ended_at)
        self._gap_until = max(self._gap_until, quiet_until)

    def inherit(self, delivery: str, fence: int, chat: str, *, quiet_until: float = 0.0) -> None:
        """A send that somebody before this pacer began, and whose end is not known: it holds its places until then."""
        self._inherited[delivery, fence] = chat
        for ground in self._grounds:
            ground.begin(chat)
        self._gap_until = max(self._gap_until, quiet_until)

    @property
    def inherited(self) -> frozenset[tuple[str, int]]:
        """The (delivery, fence) of what was inherited and has not ended."""
        return frozenset(self._inherited)

    def conclude(self, delivery: str, fence: int, now: float) -> None:
        """What was inherited has ended by now."""
        chat = self._inherited.pop((delivery, fence))
        for ground in self._grounds:
            ground.end(chat, now)
