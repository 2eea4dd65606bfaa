"""Make ready: what a platform has to give before words can leave is asked for before the last look at the gates."""

import asyncio

import structlog

from app.channels.port import NOTHING, Given, MakesReady, Outcome, Verdict
from app.core import metrics
from app.domain.deliveries.rules import ANSWERED_WITHIN, BEGIN_WITHIN
from app.flows.kit import Kit
from app.flows.outcomes import Heard
from app.flows.send import Taken, post_of

log = structlog.get_logger(__name__)

_NOT_READY = Outcome(Verdict.NOT_SENT, "not_ready", "the platform did not give in time what it takes; nothing was said")


async def make_ready(kit: Kit, taken: Taken) -> Given | Heard:
    """What is said with these words, or why they cannot be said; in time for an answer before the lease is over."""
    channel = kit.channels.get(taken.sender.channel)
    if not isinstance(channel, MakesReady):
        return NOTHING
    began = kit.clock.now()
    ends = taken.claimed.lease_until - ANSWERED_WITHIN - BEGIN_WITHIN
    post = post_of(kit, taken, began)
    try:
        async with asyncio.timeout((ends - began).total_seconds()):
            found = post if isinstance(post, Outcome) else await channel.make_ready(post, kit.http)
    except TimeoutError:
        found = _NOT_READY
    except Exception as error:
        log.exception("adapter_broke", because=type(error).__name__)
        detail = f"the adapter failed before it said anything ({type(error).__name__})"
        found = Outcome(Verdict.NOT_SENT, "adapter_broke", detail)
    if isinstance(found, Given):
        return found
    metrics.attempts.labels(channel.platform, found.verdict.value).inc()
    return Heard(taken.claimed, found, began, kit.clock.now(), None)
