"""Rounds: work that waits for others' answers, and therefore has a loop of its own beside the keeper's."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app.core.outages import concerns_all

log = structlog.get_logger(__name__)

ROUND_S = 1.0


async def in_rounds(work: Callable[[], Awaitable[int]], stopping: asyncio.Event, *, name: str) -> None:
    """As long as this process works: at once again while there was something to do. Who answers slowly holds up the
    round he is in, and nothing else of the house."""
    while not stopping.is_set():
        try:
            while not stopping.is_set() and await work():
                pass
        except Exception as error:
            if concerns_all(error):
                log.warning("round_interrupted", work=name, because=type(error).__name__)
            else:
                log.exception("round_failed", work=name)
        await asyncio.sleep(ROUND_S)
