"""A center's campaigns, newest first."""

from sqlmodel import col, select

from app.core import paging
from app.core.db import Tx
from app.domain.campaigns.tables import Campaign


async def campaigns(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Campaign]:
    query = select(Campaign).where(Campaign.center_id == center_id).order_by(col(Campaign.id).desc())
    before = paging.decode(cursor)
    if before is not None:
        query = query.where(col(Campaign.id) < before)
    rows = await tx.all(query.limit(limit + 1))
    more = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)
