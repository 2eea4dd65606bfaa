"""Leases: which shards this worker holds, kept as long as it lives, and given up as soon as others come."""

from collections.abc import Callable, Iterable

from app.domain.shards import store as shards
from app.domain.shards.rules import LEASE, SHARDS, fair_share
from app.flows.kit import Kit


class Leases:
    """`held` are the shards that are ours until the lease runs out; `on_held` is told whenever they are fewer."""

    def __init__(self, kit: Kit, worker_id: str, on_held: Callable[[Iterable[int]], None]) -> None:
        self._kit = kit
        self._worker_id = worker_id
        self._on_held = on_held
        self._keep_at = 0.0
        self.held: set[int] = set()

    async def tend(self, now: float, *, looking: bool) -> bool:
        """Keep them in time, and at once where whoever is `looking` finds that another worker left some or died;
        answers whether there are some that were not ours before."""
        if now < self._keep_at and not (looking and await self._some_are_free()):
            return False
        before = self.held
        await self.keep()
        self._keep_at = now + LEASE.total_seconds() / 4
        return not self.held <= before

    async def _some_are_free(self) -> bool:
        if len(self.held) == SHARDS:
            return False
        async with self._kit.db.read(brief=True, loose=True) as tx:
            return await shards.any_free(tx)

    async def keep(self) -> None:
        """Renew what is held; give up or take as many as make a fair share among the workers that live."""
        async with self._kit.db.write(brief=True) as tx:
            living = await shards.report_in(tx, self._worker_id)
            share = fair_share(living)
            held = sorted(await shards.renew(tx, self._worker_id, sorted(self.held)))
            self._on_held(held)
            if len(held) > share:
                await shards.release(tx, self._worker_id, held[share:])
            elif len(held) < share:
                held += await shards.take(tx, self._worker_id, most=share - len(held))
        self.held = set(held[:share])
        self._on_held(self.held)

    async def leave(self) -> None:
        """Give up everything, for others to take at once."""
        async with self._kit.db.write(brief=True) as tx:
            await shards.leave(tx, self._worker_id)
        self.held = set()
