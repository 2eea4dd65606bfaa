"""Deliveries that were claimed and are to be said, where no channel is known: nothing leaves the machine."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from app.core.db import Database
from app.domain.deliveries import store
from app.domain.pacing.rules import Pacer, Waiting
from app.domain.shards import store as shards
from app.domain.shards.rules import SHARDS, shard_of
from app.flows.kit import Kit
from app.flows.picked import Picked
from app.flows.send import Taken, take
from app.flows.speak import Speaker
from tests.builders.deliveries import delivery, stage
from tests.builders.directory import kit_on

MANY = 20
WORKER = "wrk_1"


async def ready(db: Database) -> Kit:
    """A kit on a database with so many due deliveries, all shards in one hand."""
    async with db.write() as tx:
        await stage(tx)
        await store.create(tx, [delivery(number, tx.now) for number in range(MANY)])
        await shards.lay_out(tx)
        await shards.take(tx, WORKER, most=SHARDS)
    return replace(kit_on(db), channels={})


class Telling(Speaker):
    """One that can be waited for."""

    def __init__(self, kit: Kit) -> None:
        self.told = asyncio.Event()
        super().__init__(kit, self.told.set)

    async def codes(self, count: int = MANY) -> list[str]:
        """How each ended, by its number, as soon as so many have."""
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                await self.told.wait()
                self.told.clear()
        return [one.outcome.code for one in sorted(self.heard, key=lambda one: one.claimed.id)]


async def taken_by(kit: Kit) -> list[Taken]:
    """All of them, claimed now."""
    wanted = [f"dlv_{number:05}" for number in range(MANY)]
    async with kit.db.write() as tx:
        zones = {"cen_1": None}
        return await take(kit, tx, WORKER, shard_ids=[shard_of("acc_1")], delivery_ids=wanted, zones=zones)


def picked_of(taken: Sequence[Taken], slot: float = 0.0) -> list[Picked]:
    """Each as its pacer let it."""
    pacer = Pacer([])
    pacer.offer(Waiting(one.claimed.id, "cmp_1", one.claimed.chat, 1, 0.0, 0.0) for one in taken)
    allowed = [pacer.next(0.0) for _ in taken]
    return [Picked("acc_1", pacer, one, slot) for one in allowed if isinstance(one, Waiting)]


async def close(kit: Kit, subject: str) -> None:
    async with kit.db.write() as tx:
        await store.close_gate(tx, subject, reason="test")
