"""For which campaigns the clock has something to do: to start, to plan, to clear, to pin, to tell of."""

from datetime import datetime, timedelta

from sqlalchemy import or_, text, update
from sqlmodel import col, select

from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.campaigns.states import State
from app.domain.campaigns.tables import UNDIGESTED, Campaign

_TO_START = (Campaign.state == State.SCHEDULED, col(Campaign.starts_at) <= NOW)
_UNPLANNED = (
    col(Campaign.state).in_((State.RUNNING, State.SCHEDULED, State.PAUSED)),
    col(Campaign.planned_at).is_(None),
)
_UNDIGESTED = (text(UNDIGESTED), col(Campaign.ends_at) <= NOW, col(Campaign.planned_at).is_not(None))
_TO_CLEAR = (
    Campaign.state == State.CANCELLED,
    col(Campaign.launched_at).is_not(None),
    col(Campaign.cleared_at).is_(None),
)

ANY_TO_START = any_of(Campaign, *_TO_START)
ANY_UNPLANNED = any_of(Campaign, *_UNPLANNED)
ANY_UNDIGESTED = any_of(Campaign, *_UNDIGESTED)
ANY_TO_CLEAR = any_of(Campaign, *_TO_CLEAR)
ANY_TO_PIN = any_of(Campaign, Campaign.state == State.RUNNING, col(Campaign.pin))


async def unplanned(tx: Tx, *, limit: int) -> list[str]:
    """Launched campaigns whose plan is not complete."""
    return await tx.all(select(Campaign.id).where(*_UNPLANNED).limit(limit))


async def to_start(tx: Tx, *, limit: int) -> list[str]:
    """Scheduled campaigns whose hour has come."""
    return await tx.all(select(Campaign.id).where(*_TO_START).limit(limit), {"now": tx.now})


async def may_have_begun(tx: Tx, *, by: datetime) -> list[str]:
    """Campaigns of which something may have left by then that nothing here tells of: their hour had come, or their
    plan is not complete."""
    begun = or_(col(Campaign.planned_at).is_(None), col(Campaign.state) == State.SCHEDULED)
    query = select(Campaign.id).where(begun, or_(col(Campaign.starts_at).is_(None), col(Campaign.starts_at) <= by))
    return await tx.all(query.where(col(Campaign.state).in_((State.RUNNING, State.SCHEDULED))))


async def undigested(tx: Tx, *, limit: int) -> list[str]:
    """Campaigns whose last deadline has passed and of which the head was not told."""
    query = select(Campaign.id).where(*_UNDIGESTED).order_by(col(Campaign.ends_at)).limit(limit)
    return await tx.all(query, {"now": tx.now})


async def digested(tx: Tx, campaign_id: str) -> bool:
    """Note that the head is told of this campaign's end. False when he was already."""
    noted = await tx.run(
        update(Campaign)
        .where(col(Campaign.id) == campaign_id, col(Campaign.digested_at).is_(None))
        .values(digested_at=tx.now)
    )
    return noted.rowcount == 1


async def to_clear(tx: Tx, *, limit: int) -> list[str]:
    """Cancelled campaigns with rows that still have to be called off."""
    return await tx.all(select(Campaign.id).where(*_TO_CLEAR).order_by(col(Campaign.id)).limit(limit))


async def clear_again(tx: Tx, campaign_id: str) -> None:
    """Something of this campaign may come back to wait: if it was cancelled, have that called off too. Locks its row,
    so it comes before the rows of deliveries and relays; nobody finds the campaign clear until they are written."""
    await tx.run(update(Campaign).where(col(Campaign.id) == campaign_id).values(cleared_at=None))


async def cleared(tx: Tx, campaign_id: str) -> None:
    await tx.run(update(Campaign).where(col(Campaign.id) == campaign_id).values(cleared_at=tx.now))


async def to_pin(tx: Tx, *, since: datetime) -> list[str]:
    """Campaigns whose words are to stay on top and may have come to stand since then."""
    return await tx.all(
        select(Campaign.id).where(
            Campaign.state == State.RUNNING, col(Campaign.pin), col(Campaign.ends_at) > since - timedelta(days=1)
        )
    )
