"""Relay links: minted for a leader, opened by whoever holds the token, withdrawn when they should not be."""

from collections.abc import Sequence
from datetime import datetime

from app.core import tokens
from app.core.db import Tx
from app.core.tokens import Token
from app.domain.links import rules, store
from app.domain.links.rules import Holder, Key, Opened
from app.domain.links.tables import RelayLink, SharedLink

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
    """Withdraw every link of this leader in every campaign, his phones and his code; answers how many links were
    living."""
    await store.forget_phones(tx, leader_id, at=tx.now)
    return await store.revoke_all(tx, leader_id, at=tx.now)


async def open_key(tx: Tx, key: Key) -> Opened | None:
    """What this key opens: a relay link by itself, a shared link together with a phone enrolled in its center."""
    link = await open_link(tx, key.token)
    if link is not None:
        return Opened(link.id, link.center_id, link.campaign_id, link.leader_id)
    shared = await open_shared(tx, key.token)
    leader_id = await _phone_of(tx, shared.center_id, key.phone) if shared else None
    return Opened(shared.id, shared.center_id, shared.campaign_id, leader_id) if shared and leader_id else None


async def open_shared(tx: Tx, token_text: str) -> SharedLink | None:
    """The living shared link of this token; it speaks for nobody yet."""
    text = rules.trimmed(token_text)
    public_id = tokens.public_id(rules.SHARED, text) if text else None
    if text is None or public_id is None:
        return None
    link = await store.shared(tx, public_id)
    if not tokens.matches(text, link.digest if link else _NOBODY) or link is None:
        return None
    return link if tx.now < link.expires_at else None


async def _phone_of(tx: Tx, center_id: str, phone_text: str) -> str | None:
    """The leader for whom this phone speaks in this center."""
    public_id = tokens.public_id(rules.PHONE, phone_text)
    phone = await store.phone(tx, public_id) if public_id else None
    if not tokens.matches(phone_text, phone.digest if phone else _NOBODY) or phone is None:
        return None
    return phone.leader_id if phone.center_id == center_id else None


async def share(tx: Tx, center_id: str, campaign_id: str, *, expires_at: datetime) -> Token:
    """A new link for everybody in the main group."""
    token = tokens.mint(rules.SHARED)
    row = {"id": token.public_id, "center_id": center_id, "campaign_id": campaign_id, "digest": token.digest}
    await store.add_shared(tx, {**row, "created_at": tx.now, "expires_at": expires_at})
    return token


async def enrol(tx: Tx, center_id: str, leader_id: str) -> Token:
    """A phone that shared links know from now on."""
    token = tokens.mint(rules.PHONE)
    row = {"id": token.public_id, "center_id": center_id, "leader_id": leader_id, "digest": token.digest}
    await store.add_phone(tx, {**row, "created_at": tx.now, "revoked_at": None})
    return token


async def renew_code(tx: Tx, center_id: str, leader_id: str) -> str:
    """A fresh personal code of this leader, in place of the one he had. It is shown this once."""
    code = rules.new_code()
    row = {"leader_id": leader_id, "center_id": center_id, "digest": _coded(center_id, code), "created_at": tx.now}
    await store.set_code(tx, row)
    return code


async def owner_of_code(tx: Tx, center_id: str, typed: str) -> str | None:
    """The leader of this center whose code was typed."""
    code = rules.plain_code(typed)
    return await store.owner_of_code(tx, center_id, _coded(center_id, code)) if code else None


def _coded(center_id: str, code: str) -> str:
    return tokens.digest(f"{center_id}:{code}")
