"""What becomes of a job whose database goes away while it runs: a line in the log, and no error."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from app.core.outages import concerns_all

log = structlog.get_logger(__name__)

Body = Callable[..., Awaitable[None]]


def interruptible(name: str, body: Body) -> Body:
    """The same job, which the keeper goes on with when its database is back. What is the fault of the job itself, a
    wrong statement for one, stays an error."""

    @functools.wraps(body)
    async def attempt(ctx: dict[str, Any], *ids: str) -> None:
        try:
            await body(ctx, *ids)
        except Exception as error:
            if not concerns_all(error):
                raise
            log.warning("job_interrupted", job=name, because=type(error).__name__)

    return attempt
