"""Measure: the alarms' figures, fresh."""

from app.core import metrics
from app.domain.deliveries import store as deliveries
from app.flows.kit import Kit


async def measure(kit: Kit) -> None:
    """They cost a walk over what is due, so this is for every so often, not every round."""
    async with kit.db.read() as tx:
        metrics.uncertain.set(await deliveries.uncertain_count(tx))
        metrics.oldest_due.set(await deliveries.oldest_due_s(tx))
