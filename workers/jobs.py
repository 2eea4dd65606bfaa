"""What each hint in the catalogue does. A job that fails is not retried: the keeper finds what it left undone."""

from typing import Any

from app.core.jobs import PLAN, RECEIVE, WAKE, Job
from app.flows.plan import plan
from app.flows.receive import receive
from workers.interruptions import Body, interruptible


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


_BODIES: dict[Job, Body] = {PLAN: plan_campaign, WAKE: wake, RECEIVE: receive_events}
JOBS = {job: interruptible(job.name, body) for job, body in _BODIES.items()}
