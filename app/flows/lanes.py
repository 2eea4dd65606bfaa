"""Names that several flows must agree on: a campaign's lanes and its finished texts."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from app.core import ids
from app.core.db import Tx
from app.domain.accounts import store as accounts
from app.domain.deliveries import store as deliveries
from app.domain.shards.rules import shard_of
from app.flows.brief import Campaign


@lru_cache(maxsize=64)
def text_id(campaign_id: str, text: str, *marks: str) -> str:
    """The same words that call everyone (`mention_all`), are `markdown`, come with a `picture` or are to stay on top
    (`pin`) are another text."""
    return ids.derive("txt", campaign_id, text, *marks)


def text_rows(campaign: Campaign, texts: Iterable[tuple[str, ...]]) -> list[dict[str, Any]]:
    """Rows for texts, each with the marks it has."""
    return [
        {
            "id": text_id(campaign.id, text, *marks),
            "campaign_id": campaign.id,
            "body": text,
            **{mark: mark in marks for mark in ("mention_all", "markdown", "pin")},
            "picture_id": campaign.picture_id if "picture" in marks else None,
        }
        for text, *marks in texts
    ]


def marked(
    parts: Sequence[str],
    *,
    mention_all: bool,
    markdown: bool = False,
    pictured: bool = False,
    pin: bool = False,
) -> list[tuple[str, ...]]:
    """What an account posts, part by part, each with its marks: it is the first with words that calls everyone and
    stays on top, and the first of all that has the picture."""
    later = ("markdown",) if markdown else ()
    found = [(part, *(later if part else ())) for part in parts]
    speaks = next((number for number, part in enumerate(parts) if part), None)
    if mention_all and speaks is not None:
        found[speaks] = (parts[speaks], "mention_all", *later)
    if pin and speaks is not None:
        found[speaks] = (*found[speaks], "pin")
    if pictured:
        found[0] = (*found[0], "picture")
    return found


def delivery_id(campaign_id: str, group_id: str) -> str:
    """The announcement's. A letter's is derived, and never of this length."""
    return ids.within("dlv", campaign_id, group_id)


async def open_lanes(tx: Tx, campaign: Campaign, account_ids: Iterable[str]) -> None:
    """The lanes of these accounts in a campaign. Accounts that share limits stand in one shard: one process paces all
    of them."""
    keys = await accounts.pace_keys(tx, sorted(set(account_ids)))
    await deliveries.open_lanes(tx, [_lane(campaign, account_id, shard_of(key)) for account_id, key in keys.items()])


async def shard_for(tx: Tx, account_id: str) -> int:
    """Where an account is paced."""
    return shard_of((await accounts.pace_keys(tx, [account_id]))[account_id])


def _lane(campaign: Campaign, account_id: str, shard: int) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "campaign_id": campaign.id,
        "center_id": campaign.center_id,
        "shard": shard,
        "rank": campaign.priority.rank,
        "min_gap_s": campaign.min_gap_s,
        "max_gap_s": campaign.max_gap_s,
        "seed": campaign.seed,
    }
