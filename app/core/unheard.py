"""What nobody waits for any more. A driver that opens a line leaves its promise behind when whoever wanted it is
cancelled; that the line then breaks is an outage like any other, and no fault of ours."""

import asyncio
from typing import Any

import structlog

from app.core.outages import is_outage

log = structlog.get_logger(__name__)


def tell_outages() -> None:
    """Have the running loop warn of outages that nobody was left to hear of, where a bare promise told of them. A task
    that ends in one, or what gathers several, is still an error: somebody should have minded it."""
    asyncio.get_running_loop().set_exception_handler(_told)


def _told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error, promise = context.get("exception"), context.get("future")
    if error is not None and type(promise) is asyncio.Future and is_outage(error):
        log.warning("line_lost_unheard", because=type(error).__name__)
    else:
        loop.default_exception_handler(context)
