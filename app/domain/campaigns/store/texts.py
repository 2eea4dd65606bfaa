"""The finished texts of campaigns: kept once, read by their ids."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.campaigns.tables import Campaign, CampaignText

_PLAIN = {"mention_all": False, "markdown": False, "picture_id": None, "pin": False}


async def keep_texts(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep finished texts, each once. A row that does not say so calls nobody, is plain, has no picture and is
    not pinned."""
    await tx.insert(CampaignText, [{**_PLAIN, **row} for row in rows], once=True)


async def naming(tx: Tx, picture_ids: Sequence[str]) -> set[str]:
    """Those of these pictures that a campaign names, be it a draft. A text has no other picture than its campaign."""
    named = columns(col(Campaign.picture_id)).where(among(col(Campaign.picture_id), picture_ids)).distinct()
    return {row.picture_id for row in await tx.table(named)}


async def texts(tx: Tx, text_ids: Sequence[str]) -> dict[str, Any]:
    """(id, body, mention_all, markdown, picture_id, pin) of these texts, by their ids."""
    return {row.id: row for row in await tx.table(_TEXTS, {"ids": text_ids})}


_SAID = ("id", "body", "mention_all", "markdown", "picture_id", "pin")
_TEXTS = columns(*(getattr(CampaignText, name) for name in _SAID)).where(among(col(CampaignText.id), "ids"))
