"""The keeper: of all workers one sits in the chair and sweeps every second; the others wait, and look for the dead."""

import asyncio
import itertools

import structlog

from app.core.outages import concerns_all
from app.domain.shards import store as shards
from app.flows.chores import recover
from app.flows.kit import Kit
from app.flows.measure import measure
from app.flows.sweep import sweep

log = structlog.get_logger(__name__)

ROUND_S = 1.0
MEASURE_EVERY = 15
WHOLE_EVERY = 30
"""Rounds until nothing is passed over: what a look does not see is late, not lost."""


async def keep(kit: Kit, worker_id: str, stopping: asyncio.Event) -> None:
    """Sweep for as long as this worker sits in the chair, or wait for it to become free. What a dead worker left in
    doubt every worker looks for: the chair may be its own, and is free only when the lease ends."""
    laid_out = False
    rounds = itertools.count()
    while not stopping.is_set():
        try:
            async with kit.db.write() as tx:
                if not laid_out:
                    await shards.lay_out(tx)
                    laid_out = True
                seated = await shards.sit(tx, worker_id)
            if not seated:
                await recover(kit)
            else:
                number = next(rounds)
                await sweep(kit, whole=number % WHOLE_EVERY == 0)
                if number % MEASURE_EVERY == 0:
                    await measure(kit)
        except Exception as error:
            if concerns_all(error):
                log.warning("sweep_interrupted", because=type(error).__name__)
            else:
                log.exception("sweep_failed")
        await asyncio.sleep(ROUND_S)
