"""What happens to deliveries after they ended: tried once more because the head asks for it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.journal import append
from app.domain.deliveries.states import MOVES, STANDS_FOR, News
from app.domain.deliveries.store.claims import line
from app.domain.deliveries.tables import Delivery


async def to_retry(
    tx: Tx, campaign_id: str, *, groups: Collection[str] | None, after: str, limit: int
) -> list[Delivery]:
    """Posts that ended without a word having left, by id after `after`, locked; of these groups, or of all. What was
    ever said without an answer is none of them."""
    wanted = (
        select(Delivery)
        .where(
            Delivery.campaign_id == campaign_id,
            col(Delivery.kind).in_(STANDS_FOR),
            col(Delivery.state).in_(MOVES.before(News.RETRIED)),
            Delivery.resends == 0,
            col(Delivery.relay_id).is_not(None),
            col(Delivery.id) > after,
        )
        .order_by(col(Delivery.id))
        .limit(limit)
        .with_for_update()
    )
    return await tx.all(wanted if groups is None else wanted.where(among(col(Delivery.group_id), groups)))


async def retry(tx: Tx, rows: Sequence[Delivery], *, expires_at: datetime, actor: str, reason: str) -> None:
    """Let these locked rows wait for their turn once more, with fresh patience. Their attempts stay as evidence."""
    became = MOVES.after(News.RETRIED)
    values = {"state": became, "reason": reason, "due_at": tx.now, "expires_at": expires_at, "tries": 0}
    ids = [row.id for row in rows]
    await tx.run(
        update(Delivery)
        .where(among(col(Delivery.id), ids), col(Delivery.state).in_(MOVES.before(News.RETRIED)))
        .values(**values)
    )
    await append(tx, [line(row, row.state, became, reason, actor) for row in rows])
