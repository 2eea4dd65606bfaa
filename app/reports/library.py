"""Which categories a center's scripts stand in."""

from sqlalchemy import select
from sqlmodel import col

from app.core.db import Tx
from app.domain.scripts.tables import Script

MOST = 100


async def categories(tx: Tx, center_id: str) -> list[str]:
    query = select(col(Script.category)).where(col(Script.center_id) == center_id).distinct()
    return [row.category for row in await tx.table(query.order_by(col(Script.category)).limit(MOST))]
