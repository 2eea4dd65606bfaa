"""When leaders were last reminded of a campaign."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.deliveries.states import Kind
from app.domain.deliveries.tables import Delivery


async def last_nudges(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> dict[str, datetime]:
    """For each of these leaders the moment of the last reminder that was sent."""
    rows = await tx.table(
        select(col(Delivery.leader_id), func.max(col(Delivery.sent_at)))
        .where(
            col(Delivery.leader_id).in_(leader_ids),
            col(Delivery.kind) == Kind.NUDGE,
            col(Delivery.campaign_id) == campaign_id,
            col(Delivery.sent_at).is_not(None),
        )
        .group_by(col(Delivery.leader_id))
    )
    return {row[0]: row[1] for row in rows}
