"""Drain: one loop per worker process that paces the accounts of the shards it holds.

Each turn keeps the leases, looks for work, asks the pacers what may leave now, claims just that, and speaks to many
platforms at once. Nothing is claimed further ahead than a transaction takes: a stop is read just before words leave.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping

import structlog

from app.core.db import TROUBLE
from app.core.outages import concerns_all
from app.domain.pacing.rules import AHEAD_S
from app.flows.kit import Kit
from app.flows.leases import Leases
from app.flows.lookout import Lookout
from app.flows.picked import Picked
from app.flows.record import write_down
from app.flows.send import Taken, open_ahead, take, unsaid
from app.flows.speak import Speaker

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
GATHER_S = 0.015
"""Transactions closer together than this are made as one: a commit costs milliseconds however much it holds."""
BATCH = 160
PLENTY = 48
"""As many answers are worth a transaction at once, or a quarter of what may be under way; where more was said, MOST of
that: what is then still under way is answered while the transaction is made."""
MOST = 0.6
AFTER_TROUBLE_S = 0.5
SMOOTHED = 0.2
"""How much the latest transaction counts in what one takes."""


class Drain:
    """`wake` makes it look at once; `run` ends, with everything written down, after `stopping` is set."""

    def __init__(self, kit: Kit, worker_id: str) -> None:
        self._kit = kit
        self._worker_id = worker_id
        self._lookout = Lookout(kit)
        self._leases = Leases(kit, worker_id, self._lookout.keep)
        self._least = min(PLENTY, max(1, kit.settings.worker_concurrency // 4))
        self._look_at = self._commit_at = self._commit_s = 0.0
        self._stir = asyncio.Event()
        self._speaker = Speaker(kit, self._on_heard)

    def wake(self) -> None:
        self._look_at = 0.0
        self._stir.set()

    @property
    def busy(self) -> bool:
        """Whether something is under way, or heard and not yet written down."""
        return bool(self._speaker.speaking or self._speaker.heard)

    async def run(self, stopping: asyncio.Event) -> None:
        stopper = asyncio.create_task(self._stir_on(stopping))
        while self.busy or not stopping.is_set():
            try:
                if stopping.is_set() and self._leases.held:
                    await self._leases.leave()  # others go on while this one hears out what it said
                pause = await self.turn(claiming=not stopping.is_set())
            except Exception as error:
                if concerns_all(error):
                    log.warning("database_away", because=type(error).__name__, unwritten=len(self._speaker.heard))
                else:
                    log.exception("turn_failed", unwritten=len(self._speaker.heard))
                pause = AFTER_TROUBLE_S
            await self.rest(pause)
        stopper.cancel()
        with contextlib.suppress(*TROUBLE):
            await self._leases.leave()

    async def _stir_on(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._stir.set()

    @property
    def _plenty(self) -> bool:
        """Whether enough was heard for a transaction before its time."""
        heard = len(self._speaker.heard)
        return heard >= self._least and heard >= MOST * (heard + self._speaker.speaking)

    def _on_heard(self) -> None:
        """Wake when there is enough for a transaction, or when the time for the next one has come."""
        if self._plenty:
            self._stir.set()
        elif len(self._speaker.heard) == 1:
            asyncio.get_running_loop().call_later(max(0.0, self._commit_at - time.monotonic()), self._stir.set)

    async def rest(self, seconds: float) -> None:
        """Sleep until something is heard, or this long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stir.wait()
        self._stir.clear()

    async def turn(self, *, claiming: bool = True) -> float:
        """One round: write down what was heard and, with `claiming`, let leave what may. Answers how long to rest, in
        seconds."""
        if claiming:
            await self._look(self._now())
        early = self._commit_at - time.monotonic()
        if early > 0 and not self._plenty:
            return early
        most = self._kit.settings.worker_concurrency
        free = most - self._speaker.speaking if claiming else 0
        room = min(BATCH, -(-most * 3 // 4), free)
        picked, again = self._lookout.pick(
            self._now(), most=room, free=free, quick=self._speaker.quick, ahead=self._ahead_s
        )
        if picked or self._speaker.heard:
            await self._commit(picked)
            self._commit_at = time.monotonic() + GATHER_S
        now = self._now()
        if picked and len(picked) == room:
            return 0.0
        if not claiming:
            return LOOK_EVERY_S
        return max(0.0, min(again - self._ahead_s - now, self._look_at - now, LOOK_EVERY_S))

    async def _look(self, now: float) -> None:
        """Keep the leases, and look for work when it is time, where a buffer has run low, and in what is newly ours."""
        looking = now >= self._look_at
        if await self._leases.tend(now, looking=looking) or looking or self._lookout.hungry:
            self._look_at = now + LOOK_EVERY_S
            if self._leases.held:
                await self._lookout.look(self._leases.held)

    @property
    def _ahead_s(self) -> float:
        """How long before its slot a post is claimed, so that it can leave on it: until the transaction after the next
        is made, and a little more."""
        return min(AHEAD_S, GATHER_S + 1.5 * self._commit_s)

    def _now(self) -> float:
        return self._kit.clock.now().timestamp()

    async def _commit(self, picked: list[Picked]) -> None:
        """Outcomes and claims in one transaction; then those claimed are said. What could not be written down is kept
        for the next round: the fence makes it safe however late. Where the COMMIT broke, it may have come through:
        what was claimed in it is then put back."""
        begun, heard, taken = time.monotonic(), self._speaker.heard, []
        self._speaker.heard = []
        try:
            async with self._kit.db.write(brief=True) as tx:
                await write_down(tx, heard)
                shard_ids = sorted({one.shard for one in picked})
                wanted = [one.waiting.id for one in picked]
                zones, whose = self._lookout.zones, self._worker_id
                taken = await take(self._kit, tx, whose, shard_ids=shard_ids, delivery_ids=wanted, zones=zones)
        except BaseException:
            self._speaker.heard = heard + [unsaid(one, self._kit.clock.now()) for one in taken] + self._speaker.heard
            taken = []
            raise
        finally:
            self._begin(picked, {one.claimed.id: one for one in taken})
        self._commit_s += SMOOTHED * (time.monotonic() - begun - self._commit_s)

    def _begin(self, picked: list[Picked], won: Mapping[str, Taken]) -> None:
        open_ahead(self._kit, won.values())
        for one in picked:
            if one.waiting.id in won:
                self._speaker.say(one, won[one.waiting.id])
            else:
                one.stays()
