"""Relay links: minted for a leader, opened by whoever holds the token, withdrawn when they should not be."""

from collections.abc import Sequence
from datetime import datetime

from app.core import tokens
from app.core.db import Tx
from app.core.tokens import Token
from app.domain.links import rules, store
from app.domain.links.rules import Holder
from app.domain.links.tables import RelayLink

# What an unknown public id is compared with, so that it costs what a wrong secret costs.
_NOBODY = tokens.digest("")


async def mint(tx: Tx, *, center_id: str, campaign_id: str, leader_id: str, expires_at: datetime) -> Token:
    """A new link for this leader and campaign, beside any that already live."""
    [token] = await mint_many(tx, [Holder(center_id, campaign_id, leader_id, expires_at)])
    return token


async def mint_many(tx: Tx, rows: Sequence[Holder]) -> list[Token]:
    """One new link for each holder, in their order. The texts exist only in the answer."""
    minted = [tokens.mint(rules.KIND) for _ in rows]
    await store.create(
        tx,
        [
            {
                "id": token.public_id,
                "center_id": holder.center_id,
                "campaign_id": holder.campaign_id,
                "leader_id": holder.leader_id,
                "digest": token.digest,
                "created_at": tx.now,
                "expires_at": holder.expires_at,
            }
            for holder, token in zip(rows, minted, strict=True)
        ],
    )
    return minted


async def open_link(tx: Tx, token_text: str) -> RelayLink | None:
    """The living link this token opens. Unknown, forged, expired and withdrawn ones are all None."""
    text = rules.trimmed(token_text)
    public_id = tokens.public_id(rules.KIND, text) if text else None
    if text is None or public_id is None:
        return None
    digest = await store.digest_of(tx, public_id)
    if not tokens.matches(text, digest or _NOBODY):
        return None
    link = await store.find(tx, public_id)
    if link is None:
        return None
    return link if rules.live(expires_at=link.expires_at, revoked_at=link.revoked_at, now=tx.now) else None


async def revoke(tx: Tx, campaign_id: str, leader_id: str) -> int:
    """Withdraw every link of this leader in this campaign; answers how many were living."""
    return await store.revoke(tx, campaign_id, leader_id, at=tx.now)


async def revoke_all(tx: Tx, leader_id: str) -> int:
    """Withdraw every link of this leader in every campaign; answers how many were living."""
    return await store.revoke_all(tx, leader_id, at=tx.now)
