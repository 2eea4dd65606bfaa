"""Speak: many platforms at once, each post in a task of its own, and every answer heard."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from datetime import timedelta

import structlog

from app.channels.port import Outcome, Verdict
from app.core import metrics
from app.flows.kit import Kit
from app.flows.outcomes import Heard
from app.flows.picked import Picked
from app.flows.send import Taken, say

log = structlog.get_logger(__name__)

AT_ONCE = 8
BREATH_S = 0.001
QUICK = timedelta(seconds=0.25)
"""What was answered so soon is answered at once: a platform that is only slow keeps its places."""
HAIR_S = 0.0001
"""Later than its slot rather than sooner: our clocks count microseconds."""


class Speaker:
    """Says what was taken. `on_heard` is told when another answer stands in `heard`."""

    def __init__(self, kit: Kit, on_heard: Callable[[], None]) -> None:
        self._kit = kit
        self._on_heard = on_heard
        self._taken: deque[tuple[Picked, Taken]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self.heard: list[Heard] = []

    @property
    def speaking(self) -> int:
        """How many posts are under way, or about to be."""
        return len(self._taken) + len(self._under_way)

    @property
    def quick(self) -> Counter[str]:
        """Of what stands in `heard`, how many posts of each account were answered at once."""
        return Counter(one.claimed.account_id for one in self.heard if one.ended_at - one.started_at < QUICK)

    def say(self, picked: Picked, taken: Taken) -> None:
        if not self._taken:
            asyncio.get_running_loop().call_soon(self._begin)
        self._taken.append((picked, taken))

    def _begin(self) -> None:
        """Begin a few in each round of the event loop: all at once, they would hold up the transaction that goes on
        beside them, and then leave it alone with its waits for the database."""
        for _ in range(min(AT_ONCE, len(self._taken))):
            task = asyncio.create_task(self._deliver(*self._taken.popleft()))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if self._taken:
            asyncio.get_running_loop().call_later(BREATH_S, self._begin)

    async def _deliver(self, picked: Picked, taken: Taken) -> None:
        early_s = picked.slot - self._kit.clock.now().timestamp()
        if early_s > 0:
            await asyncio.sleep(early_s + HAIR_S)
        started_at = self._kit.clock.now()
        metrics.lateness.observe(started_at.timestamp() - picked.slot)
        picked.leaves(started_at)
        try:
            heard = await say(self._kit, taken)
        except Exception as error:
            log.exception("adapter_broke", because=type(error).__name__)
            outcome = Outcome(Verdict.AMBIGUOUS, "adapter_broke", f"the adapter failed ({type(error).__name__})")
            heard = Heard(taken.claimed, outcome, started_at, self._kit.clock.now(), None)
        picked.heed(heard)
        self.heard.append(heard)
        self._on_heard()
