"""Drain: one loop per worker process that paces the accounts of the shards it holds.

Each turn keeps the leases, looks for lanes with work, asks the pacers what may leave this moment, claims exactly
that, and speaks to many platforms at once. Nothing is claimed ahead of its slot, so that pause, cancel and the kill
switch are read a few milliseconds before the words leave.
"""

import asyncio
import contextlib

import structlog

from app.channels.port import Outcome, Verdict
from app.core import metrics
from app.core.db import TROUBLE
from app.core.limits import Scope
from app.domain.pacing.rules import Waiting
from app.domain.shards import store as shards
from app.domain.shards.rules import LEASE, fair_share, shard_of
from app.flows.kit import Kit
from app.flows.lookout import Lookout
from app.flows.outcomes import Heard
from app.flows.record import record
from app.flows.send import Taken, say, take

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
GATHER_S = 0.02
BATCH = 64
AFTER_TROUBLE_S = 0.5


class Drain:
    """`wake` makes it look at once; `run` ends, with everything written down, after `stopping` is set."""

    def __init__(self, kit: Kit, worker_id: str) -> None:
        self._kit = kit
        self._worker_id = worker_id
        self._lookout = Lookout(kit)
        self._held: set[int] = set()
        self._keep_at = self._look_at = 0.0
        self._stir = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._heard: asyncio.Queue[Heard] = asyncio.Queue()

    def wake(self) -> None:
        self._look_at = 0.0
        self._stir.set()

    async def run(self, stopping: asyncio.Event) -> None:
        recorder = asyncio.create_task(self.write_down())
        stopper = asyncio.create_task(self._stir_on(stopping))
        while not stopping.is_set():
            try:
                pause = await self.turn()
            except TROUBLE as error:
                log.warning("database_away", because=type(error).__name__)
                pause = AFTER_TROUBLE_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stir.wait()
            self._stir.clear()
        await self._wind_down()
        recorder.cancel()
        stopper.cancel()

    async def _stir_on(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._stir.set()

    async def turn(self) -> float:
        """One round; answers how long to rest, in seconds."""
        now = self._now()
        if now >= self._keep_at:
            await self._keep_leases()
            self._keep_at = now + LEASE.total_seconds() / 4
        if self._held and (now >= self._look_at or self._lookout.hungry):
            self._look_at = now + LOOK_EVERY_S
            await self._lookout.look(self._held)
        room = min(BATCH, self._kit.settings.worker_concurrency - len(self._under_way))
        picked, again = self._lookout.pick(self._now(), most=room)
        if picked:
            await self._launch(picked)
        now = self._now()
        if picked and len(picked) == room:
            return 0.0
        return max(0.0, min(again - now, self._look_at - now, LOOK_EVERY_S))

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return bool(self._under_way)

    async def settled(self) -> None:
        """Wait until nothing is under way and everything heard is written down."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        await self._heard.join()

    def _now(self) -> float:
        return self._kit.clock.now().timestamp()

    async def _keep_leases(self) -> None:
        async with self._kit.db.write() as tx:
            living = await shards.report_in(tx, self._worker_id)
            share = fair_share(living)
            held = sorted(await shards.renew(tx, self._worker_id, sorted(self._held)))
            if len(held) > share:
                await shards.release(tx, self._worker_id, held[share:])
            elif len(held) < share:
                held += await shards.take(tx, self._worker_id, most=share - len(held))
        self._held = set(held[:share])
        self._lookout.keep(self._held)

    async def _launch(self, picked: list[tuple[str, Waiting]]) -> None:
        slot = self._kit.clock.now()
        taken: list[Taken] = []
        try:
            involved = sorted({shard_of(account_id) for account_id, _ in picked})
            taken = await take(self._kit, self._worker_id, involved, [waiting.id for _, waiting in picked])
        finally:
            won = {one.claimed.id: one for one in taken}
            for account_id, waiting in picked:
                if waiting.id in won:
                    task = asyncio.create_task(self._deliver(account_id, waiting, won[waiting.id]))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)
                else:
                    self._lookout.pacers[account_id].undo(waiting)
        metrics.lateness.observe((self._kit.clock.now() - slot).total_seconds())

    async def _deliver(self, account_id: str, waiting: Waiting, taken: Taken) -> None:
        started_at = self._kit.clock.now()
        try:
            heard = await say(self._kit, taken)
        except Exception as error:
            log.exception("adapter_broke", platform=taken.channel.platform, because=type(error).__name__)
            outcome = Outcome(Verdict.AMBIGUOUS, "adapter_broke", f"the adapter failed ({type(error).__name__})")
            heard = Heard(taken.claimed, outcome, started_at, self._kit.clock.now(), taken.channel.keyed)
        self._heed(account_id, waiting, heard)
        self._heard.put_nowait(heard)
        self._stir.set()

    def _heed(self, account_id: str, waiting: Waiting, heard: Heard) -> None:
        """What the pacer must know before the outcome is written down."""
        now = heard.ended_at.timestamp()
        pacer = self._lookout.pacers.get(account_id)
        if pacer is None:
            return
        pacer.end(waiting, now)
        outcome = heard.outcome
        if outcome.verdict is Verdict.THROTTLED and outcome.scope is Scope.CHAT:
            pacer.shut(waiting.chat, now + (outcome.wait_s or 60.0))
        elif outcome.verdict is Verdict.THROTTLED:
            pacer.rest(now + (outcome.wait_s or 60.0))
        elif outcome.verdict is Verdict.CREDENTIAL_REFUSED:
            pacer.rest(now + 2.0)

    async def write_down(self) -> None:
        """Keep writing down what is heard, many outcomes at a time, until cancelled."""
        while True:
            heard = [await self._heard.get()]
            await asyncio.sleep(GATHER_S)
            while not self._heard.empty():
                heard.append(self._heard.get_nowait())
            await self._persist(heard)
            for _ in heard:
                self._heard.task_done()

    async def _persist(self, heard: list[Heard]) -> None:
        """Outcomes are worth waiting for: the fence makes it safe to write them however late."""
        while True:
            try:
                await record(self._kit, heard)
            except TROUBLE as error:
                log.warning("outcomes_wait_for_the_database", count=len(heard), because=type(error).__name__)
                await asyncio.sleep(AFTER_TROUBLE_S)
            else:
                return

    async def _wind_down(self) -> None:
        """Nothing new is claimed; what is under way is heard and written down; the shards are free for others."""
        await self.settled()
        with contextlib.suppress(*TROUBLE):
            async with self._kit.db.write() as tx:
                await shards.leave(tx, self._worker_id)
