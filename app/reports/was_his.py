"""Whether a relay that a leader asks about was his before."""

from sqlmodel import col, select

from app.core.db import Tx
from app.domain.relays.tables import Holding


async def was_his(tx: Tx, campaign_id: str, leader_id: str, relay_id: str) -> bool:
    """Whether this leader had this relay and has no word in it any more."""
    had = select(col(Holding.relay_id)).where(
        col(Holding.relay_id) == relay_id,
        col(Holding.leader_id) == leader_id,
        col(Holding.campaign_id) == campaign_id,
        col(Holding.withdrawn).is_(True),
    )
    return bool(await tx.table(had))
