"""Fold: what platforms told is kept for a month as it was told; of what people wrote, counts by the day stay for a
year."""

from app.domain.inbox import rules
from app.domain.inbox import store as inbox
from app.flows.kit import Kit

BATCH = 500


async def fold_heard(kit: Kit) -> int:
    """Fold the oldest events; answers how many."""
    async with kit.db.read() as tx:
        first_at = await inbox.first_at(tx)
        if first_at is None or first_at >= tx.now - rules.KEPT:
            return 0
    async with kit.db.write() as tx:
        found = await inbox.oldest(tx, limit=BATCH)
        old = [event for event in found if event.received_at < tx.now - rules.KEPT and event.handled_at is not None]
        await inbox.fold(tx, old)
        await inbox.forget_days(tx, before=rules.day_of(tx.now - rules.COUNTED))
    return len(old)
