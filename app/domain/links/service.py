"""Relay links: minted for a leader, opened by whoever holds the token, withdrawn when they should not be."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.core import tokens
from app.core.db import Tx
from app.core.tokens import Token
from app.domain.links import rules, store
from app.domain.links.rules import Holder, Key, Opened
from app.domain.links.tables import Phone, SharedLink

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


async def open_link(tx: Tx, token_text: str) -> Any:
    """The living link this token opens, as a row. Unknown, forged, expired and withdrawn ones are all None."""
    return (await _living(tx, [token_text])).get(token_text)


async def _living(tx: Tx, texts: Collection[str]) -> dict[str, Any]:
    """The living links that these texts open, by text; the same work for an unknown public id and a wrong secret."""
    asked: dict[str, tuple[str, str]] = {}
    for text in texts:
        token = rules.trimmed(text)
        public_id = tokens.public_id(rules.KIND, token) if token else None
        if token and public_id:
            asked[text] = (token, public_id)
    kept = await store.kept(tx, {public_id for _, public_id in asked.values()})
    return {
        text: kept[public_id]
        for text, (token, public_id) in asked.items()
        if tokens.matches(token, kept[public_id].digest or _NOBODY) and _live(tx, kept[public_id])
    }


def _live(tx: Tx, link: Any) -> bool:
    return link.digest is not None and rules.live(expires_at=link.expires_at, revoked_at=link.revoked_at, now=tx.now)


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
    return (await open_keys(tx, [key])).get(key)


async def open_keys(tx: Tx, keys: Collection[Key]) -> dict[Key, Opened]:
    """What these keys open, of those that open anything."""
    links = await _living(tx, {key.token for key in keys})
    others = [key for key in keys if key.token not in links]
    shared = {token: await open_shared(tx, token) for token in {key.token for key in others}}
    phones = await _phones(tx, {key.phone for key in others if shared[key.token]})
    opened = {}
    for key in keys:
        if own := links.get(key.token):
            opened[key] = Opened(own.id, own.center_id, own.campaign_id, own.leader_id)
        elif (all_s := shared[key.token]) and (phone := phones.get(key.phone)) and phone.center_id == all_s.center_id:
            opened[key] = Opened(all_s.id, all_s.center_id, all_s.campaign_id, phone.leader_id, phone.id)
    return opened


async def still_open(tx: Tx, opened: Collection[Opened]) -> list[Opened]:
    """Those of these that are open yet: neither withdrawn nor over since their keys were tried."""
    own = await store.kept(tx, {one.id for one in opened if not one.phone_id})
    links = {link.id for link in own.values() if _live(tx, link)}
    used = {one.id for one in opened if one.phone_id}
    links |= {link.id for one in used if (link := await store.shared(tx, one)) and tx.now < link.expires_at}
    phones = {"", *(phone.id for phone in await store.phones(tx, {one.phone_id for one in opened if one.phone_id}))}
    return [one for one in opened if one.id in links and one.phone_id in phones]


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


async def _phones(tx: Tx, texts: Collection[str]) -> dict[str, Phone]:
    """The enrolled phones that these texts are of, by text."""
    asked = {text: public_id for text in texts if (public_id := tokens.public_id(rules.PHONE, text))}
    known = {phone.id: phone for phone in await store.phones(tx, set(asked.values()))}
    found = {text: known.get(public_id) for text, public_id in asked.items()}
    return {
        text: phone
        for text, phone in found.items()
        if tokens.matches(text, phone.digest if phone else _NOBODY) and phone
    }


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
