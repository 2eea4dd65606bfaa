"""Every SQL statement about shared reports."""

from sqlalchemy import update
from sqlmodel import col, select

from app.core.db import Tx
from app.domain.shares.tables import Share


async def add(tx: Tx, share: Share) -> None:
    await tx.add(share)


async def behind(tx: Tx, public_id: str) -> Share | None:
    return await tx.first(select(Share).where(Share.public_id == public_id))


async def find(tx: Tx, campaign_id: str, share_id: str) -> Share | None:
    return await tx.first(select(Share).where(Share.id == share_id, Share.campaign_id == campaign_id))


async def living(tx: Tx, campaign_id: str, *, limit: int) -> list[Share]:
    """Those that open something now, the newest first."""
    query = select(Share).where(
        Share.campaign_id == campaign_id, col(Share.revoked_at).is_(None), col(Share.expires_at) > tx.now
    )
    return await tx.all(query.order_by(col(Share.id).desc()).limit(limit))


async def revoke(tx: Tx, share_id: str) -> bool:
    """False where it was withdrawn before."""
    query = update(Share).where(col(Share.id) == share_id, col(Share.revoked_at).is_(None))
    return (await tx.run(query.values(revoked_at=tx.now))).rowcount == 1
