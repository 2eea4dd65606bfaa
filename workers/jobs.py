"""What each hint in the catalogue does. A job that fails is not retried: the keeper finds what it left undone."""

from collections.abc import Awaitable, Callable
from typing import Any

from app.core.jobs import PLAN, WAKE, Job
from app.flows.plan import plan


async def plan_campaign(ctx: dict[str, Any], campaign_id: str) -> None:
    """Plan a launched campaign now instead of at the keeper's next round."""
    await plan(ctx["kit"], campaign_id)
    ctx["drain"].wake()


async def wake(ctx: dict[str, Any], _reason: str) -> None:
    """Look for work now instead of in half a second."""
    ctx["drain"].wake()


JOBS: dict[Job, Callable[..., Awaitable[None]]] = {PLAN: plan_campaign, WAKE: wake}
