"""Names that several flows must agree on: a campaign's lanes and its finished texts."""

from typing import Any

from app.core import ids
from app.domain.shards.rules import shard_of
from app.flows.brief import Campaign


def text_id(campaign_id: str, text: str, *marks: str) -> str:
    """The same words that call everyone (`mention_all`), or are `markdown`, are another text."""
    return ids.derive("txt", campaign_id, text, *marks)


def delivery_id(campaign_id: str, group_id: str) -> str:
    """The announcement's. A letter's is derived, and never of this length."""
    return ids.within("dlv", campaign_id, group_id)


def lane(campaign: Campaign, account_id: str) -> dict[str, Any]:
    """The lane of an account in a campaign."""
    return {
        "account_id": account_id,
        "campaign_id": campaign.id,
        "center_id": campaign.center_id,
        "shard": shard_of(account_id),
        "rank": campaign.priority.rank,
        "min_gap_s": campaign.min_gap_s,
        "max_gap_s": campaign.max_gap_s,
        "seed": campaign.seed,
    }
