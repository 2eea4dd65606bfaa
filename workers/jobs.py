"""What each hint in the catalogue does. A job that fails is not retried: the keeper finds what it left undone."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from app.core.jobs import PLAN, RECEIVE, WAKE, Job
from app.core.outages import concerns_all
from app.flows.plan import plan
from app.flows.receive import receive

log = structlog.get_logger(__name__)

Body = Callable[..., Awaitable[None]]


async def plan_campaign(ctx: dict[str, Any], campaign_id: str) -> None:
    """Plan a launched campaign now instead of at the keeper's next round."""
    await plan(ctx["kit"], campaign_id)
    ctx["drain"].wake()


async def wake(ctx: dict[str, Any], _reason: str) -> None:
    """Look for work now instead of in half a second."""
    ctx["drain"].wake()


async def receive_events(ctx: dict[str, Any], _account_id: str) -> None:
    """Handle what platforms told now instead of at the keeper's next round."""
    await receive(ctx["kit"])
    ctx["drain"].wake()


def _interruptible(name: str, body: Body) -> Body:
    """A job whose database goes away is worth a line in the log and no more."""

    @functools.wraps(body)
    async def attempt(ctx: dict[str, Any], *ids: str) -> None:
        try:
            await body(ctx, *ids)
        except Exception as error:
            if not concerns_all(error):
                raise
            log.warning("job_interrupted", job=name, because=type(error).__name__)

    return attempt


_BODIES: dict[Job, Body] = {PLAN: plan_campaign, WAKE: wake, RECEIVE: receive_events}
JOBS = {job: _interruptible(job.name, body) for job, body in _BODIES.items()}
