"""Signed in at a browser: begun with a key or a link, found again by a cookie's token, ended. Whether the key still
lives is asked of access by whoever calls."""

from app.core import tokens
from app.core.db import Tx
from app.core.tokens import Token
from app.domain.sessions import rules, store
from app.domain.sessions.tables import SignInLink, WebSession


async def begin(tx: Tx, *, center_id: str, key_id: str, instead_of: str | None) -> Token:
    """A new session of this key, whose token exists only in the answer. The session this browser had until now, if
    any, is over: signing in never goes on under an old token."""
    await store.forget(tx, before=tx.now - rules.KEPT)
    if instead_of is not None and (old := await found(tx, instead_of)) is not None:
        await store.end(tx, old.id)
    token = tokens.mint(rules.SESSION)
    await store.add_session(
        tx,
        WebSession(
            id=token.public_id,
            center_id=center_id,
            key_id=key_id,
            digest=token.digest,
            created_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now + rules.LONGEST,
        ),
    )
    return token


async def found(tx: Tx, token: str) -> WebSession | None:
    """The living session of this token; None for anything unknown, forged or over."""
    public_id = tokens.public_id(rules.SESSION, token)
    row = await store.session(tx, public_id) if public_id else None
    if row is None or not tokens.matches(token, row.digest):
        return None
    alive = rules.live(expires_at=row.expires_at, seen_at=row.seen_at, ended_at=row.ended_at, now=tx.now)
    return row if alive else None


async def invite(tx: Tx, *, center_id: str, key_id: str, actor: str) -> Token:
    """A link's token that signs one browser in with this key, once, within `rules.LINK_LIVES`."""
    token = tokens.mint(rules.LINK)
    await store.add_link(
        tx,
        SignInLink(
            id=token.public_id,
            center_id=center_id,
            key_id=key_id,
            digest=token.digest,
            created_at=tx.now,
            created_by=actor,
            expires_at=tx.now + rules.LINK_LIVES,
        ),
    )
    return token


async def invited(tx: Tx, token: str) -> SignInLink | None:
    """The link of this token while it can be used."""
    public_id = tokens.public_id(rules.LINK, token)
    row = await store.link(tx, public_id) if public_id else None
    if row is None or not tokens.matches(token, row.digest):
        return None
    return row if row.used_at is None and tx.now < row.expires_at else None
