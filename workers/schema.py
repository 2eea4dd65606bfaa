"""Which schema a worker works on: its own, and no other. While a deployment rolls, one that is too early or too late
holds; what is under way it hears out."""

import asyncio
import contextlib

import structlog

from app.core.db import TROUBLE
from app.core.readiness import schema_is_current
from app.flows.kit import Kit

log = structlog.get_logger(__name__)

LOOK_S = 1.0
ANSWER_S = 5.0


async def own_schema(kit: Kit, stopping: asyncio.Event) -> bool:
    """Wait until the database has the schema this program means; False when `stopping` is set."""
    told = False
    while not stopping.is_set():
        if own := await _is_own(kit):
            return True
        if own is False and not told:
            log.warning("schema_other", remedy="run `muster migrate` of the newest version; this worker waits for it")
            told = True
        await _a_moment(stopping)
    return False


async def until_another(kit: Kit, stopping: asyncio.Event, over: asyncio.Event) -> None:
    """Set `over` as soon as the database has another schema, or `stopping` is set, however long an answer takes."""
    first = [asyncio.create_task(stopping.wait()), asyncio.create_task(_another(kit))]
    try:
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        over.set()
    finally:
        for task in first:
            task.cancel()
        await asyncio.gather(*first, return_exceptions=True)


async def _another(kit: Kit) -> None:
    while True:
        if await _is_own(kit) is False:
            return
        await asyncio.sleep(LOOK_S)


async def _is_own(kit: Kit) -> bool | None:
    """None while the database does not answer, in time or in a way that is understood."""
    try:
        async with asyncio.timeout(ANSWER_S), kit.db.read(loose=True) as tx:
            return await schema_is_current(tx)
    except TROUBLE:
        return None
    except Exception:
        log.exception("schema_not_seen")
        return None


async def _a_moment(stopping: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_S):
            await stopping.wait()
