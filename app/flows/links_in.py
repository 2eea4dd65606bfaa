"""The links in letters, minted when a letter leaves: a token exists in its letter and, hashed, in the database."""

from collections.abc import Sequence
from datetime import timedelta

from app.core.db import Tx
from app.domain.deliveries.rules import Claimed
from app.domain.deliveries.states import Kind
from app.domain.links import service as links
from app.domain.links.rules import Holder
from app.flows.kit import Kit

LINK_OUTLIVES = timedelta(hours=24)


async def links_in(kit: Kit, tx: Tx, claimed: Sequence[Claimed]) -> dict[str, str]:
    """A fresh link for each letter among these: a personal one for a leader, a shared one for the main group."""
    letters = [one for one in claimed if one.leader_id]
    tokens = await links.mint_many(
        tx,
        [Holder(one.center_id, one.campaign_id, str(one.leader_id), one.expires_at + LINK_OUTLIVES) for one in letters],
    )
    minted = {one.id: f"{kit.settings.base_url}/r/{token.text}" for one, token in zip(letters, tokens, strict=True)}
    for one in claimed:
        if one.kind == Kind.HAND_OFF and one.group_id:
            token = await links.share(tx, one.center_id, one.campaign_id, expires_at=one.expires_at + LINK_OUTLIVES)
            minted[one.id] = f"{kit.settings.base_url}/g/{token.text}"
    return minted
