"""What a row copies of another, without a key of its own, is what stands there."""

from sqlmodel import col, select

from app.core.db import Database
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.deliveries.tables import Delivery
from app.domain.relays.tables import Relay


async def copies_are_true(db: Database) -> None:
    """No relay and no delivery says another center, and no delivery another campaign, than what it is of."""
    strays = (
        select(Relay.id)
        .join(Campaign, col(Campaign.id) == Relay.campaign_id)
        .where(Relay.center_id != Campaign.center_id),
        select(Delivery.id)
        .join(CampaignText, col(CampaignText.id) == Delivery.text_id)
        .join(Campaign, col(Campaign.id) == CampaignText.campaign_id)
        .where((Delivery.campaign_id != Campaign.id) | (Delivery.center_id != Campaign.center_id)),
    )
    async with db.read() as tx:
        assert [await tx.all(one) for one in strays] == [[], []]
