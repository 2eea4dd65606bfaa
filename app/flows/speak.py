"""Speak: many platforms at once, each post in a task of its own, and every answer heard. Words that could not leave at
once, or had to be made ready first, leave after a last look at the gates."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from app.channels.port import NOTHING, Outcome, Verdict
from app.core import metrics
from app.domain.deliveries.rules import SURE_FOR
from app.flows.kit import Kit
from app.flows.last_look import HELD_BACK, LastLook
from app.flows.make_ready import make_ready
from app.flows.outcomes import Heard
from app.flows.picked import Picked
from app.flows.send import Taken, say

log = structlog.get_logger(__name__)

AT_ONCE = 8
BREATH_S = 0.001
LOOK_AHEAD = timedelta(milliseconds=8)
"""A look takes a few milliseconds: words that will need one are asked about so long before, and none waits for it."""
QUICK = timedelta(seconds=0.25)
"""What was answered so soon is answered at once: a platform that is only slow keeps its places."""
HAIR_S = 0.0001
"""Later than its slot rather than sooner: our clocks count microseconds."""
_DETAIL = "its account was told to wait, or its secret was refused, before it could leave; nothing was said"
ACCOUNT_RESTS = Outcome(Verdict.NOT_SENT, "account_rests", _DETAIL, wait_s=0.0)


@dataclass
class _Ready:
    """What is about to be said, until when it may be without another look, and whether such a look held it back."""

    picked: Picked
    taken: Taken
    sure_until: datetime
    held: bool = False


class Speaker:
    """Says what was taken. `on_heard` is told when another answer stands in `heard`."""

    def __init__(self, kit: Kit, on_heard: Callable[[], None]) -> None:
        self._kit = kit
        self._on_heard = on_heard
        self._last_look = LastLook(kit)
        self._ready: deque[_Ready] = deque()
        self._beginning: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self.heard: list[Heard] = []

    @property
    def speaking(self) -> int:
        """How many posts are under way, or about to be."""
        return len(self._ready) + len(self._under_way)

    @property
    def quick(self) -> Counter[str]:
        """Of what stands in `heard`, how many posts of each account were answered at once."""
        return Counter(one.claimed.account_id for one in self.heard if one.ended_at - one.started_at < QUICK)

    def say(self, picked: Picked, taken: Taken) -> None:
        self._ready.append(_Ready(picked, taken, taken.claimed.claimed_at + SURE_FOR))
        if self._beginning is None or self._beginning.done():
            self._beginning = asyncio.create_task(self._begin())

    async def _begin(self) -> None:
        """Begin a few in each round of the event loop: all at once, they would hold up the transaction that goes on
        beside them, and then leave it alone with its waits for the database. Those that a look is over begin, however
        long it took: where everything takes long, nothing would ever leave."""
        look: asyncio.Task[None] | None = None
        while self._ready:
            soon = self._kit.clock.now() + LOOK_AHEAD
            if (look is None or look.done()) and soon >= min(one.sure_until for one in self._ready):
                look = asyncio.create_task(self._look_again(tuple(self._ready)))
            if look is not None and self._kit.clock.now() >= self._ready[0].sure_until:
                await look
            self._begin_some()
            await asyncio.sleep(BREATH_S)

    def _begin_some(self) -> None:
        for _ in range(min(AT_ONCE, len(self._ready))):
            task = asyncio.create_task(self._deliver(self._ready.popleft()))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _look_again(self, asked: Sequence[_Ready]) -> None:
        looked = await self._last_look.look([one.taken.claimed for one in asked])
        for one in asked:
            one.held, one.sure_until = one.taken.claimed.id in looked.held, looked.at + SURE_FOR
            one.taken = replace(one.taken, speak_by=one.taken.claimed.speak_by(looked.at))

    def _hold_back(self, one: _Ready, why: Outcome) -> None:
        now = self._kit.clock.now()
        one.picked.stays()
        self._hear(Heard(one.taken.claimed, why, now, now, None))

    def _hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self._on_heard()

    async def _deliver(self, one: _Ready) -> None:
        picked = one.picked
        given = NOTHING if one.held else await make_ready(self._kit, one.taken)
        if isinstance(given, Heard):
            picked.heed(given)
            self._hear(given)
            return
        early_s = picked.slot - self._kit.clock.now().timestamp()
        if early_s > 0:
            await asyncio.sleep(early_s + HAIR_S)
        if self._kit.clock.now() >= one.sure_until and not one.held:
            await self._look_again([one])
        if one.held:
            self._hold_back(one, HELD_BACK)
            return
        started_at = self._kit.clock.now()
        if picked.rests(started_at):
            self._hold_back(one, ACCOUNT_RESTS)
            return
        metrics.lateness.observe(started_at.timestamp() - picked.slot)
        picked.leaves(started_at)
        try:
            heard = await say(self._kit, one.taken, given)
        except Exception as error:
            log.exception("adapter_broke", because=type(error).__name__)
            outcome = Outcome(Verdict.AMBIGUOUS, "adapter_broke", f"the adapter failed ({type(error).__name__})")
            heard = Heard(one.taken.claimed, outcome, started_at, self._kit.clock.now(), None)
        picked.heed(heard)
        self._hear(heard)
