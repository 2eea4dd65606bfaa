"""What was said before a pacer existed: limits survive a worker's death, a change of hands or of terms."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.core.db import Tx
from app.core.http import DEADLINE_S
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import AHEAD
from app.domain.pacing.rules import SLACK, Pacer, gap

MEMORY = timedelta(minutes=11)
"""How far back a new pacer reads at least: longer than the longest published window (DingTalk's ten minutes)."""


async def hear_of(tx: Tx, pacers: Mapping[str, Pacer], *, longest_s: float) -> None:
    """Tell new pacers, by their accounts, what was said lately and what may still be on its way."""
    since = tx.now - max(MEMORY, timedelta(seconds=SLACK * longest_s))
    flying = await deliveries.in_flight(tx, list(pacers))  # first: what ends meanwhile is seen twice rather than never
    for row in await deliveries.recent(tx, list(pacers), since):
        recall(pacers[row.account_id], [row], (), tx.now)
    for row in flying:
        recall(pacers[row.account_id], (), [row], tx.now)


def recall(pacer: Pacer, said: Iterable[Any], in_flight: Iterable[Any], now: datetime) -> None:
    """Tell a new pacer what its account said before, and what it may still be saying: a predecessor that gave its
    shard away, or lost it, is heard out until its lease is over."""
    for row in said:
        pause = gap(row.seed, row.delivery_id, least=row.min_gap_s, most=row.max_gap_s)
        pacer.remember(row.chat, row.ended_at.timestamp(), quiet_until=row.started_at.timestamp() + pause)
    for row in in_flight:
        pause = gap(row.seed, row.delivery_id, least=row.min_gap_s, most=row.max_gap_s)
        started_at = min(now + AHEAD, row.lease_until - timedelta(seconds=DEADLINE_S))
        pacer.inherit(row.delivery_id, row.fence, row.chat, quiet_until=started_at.timestamp() + pause)


def conclude(pacer: Pacer, in_flight: Iterable[Any], now: datetime) -> None:
    """End what the pacer inherited and nobody says any more."""
    still = {(row.delivery_id, row.fence) for row in in_flight if row.lease_until > now}
    for delivery_id, fence in pacer.inherited - still:
        pacer.conclude(delivery_id, fence, now.timestamp())
