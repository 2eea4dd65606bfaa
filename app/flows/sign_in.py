"""Sign in: a key or a one-time link opens a session for one browser. What the session may do is what its key may do
at that moment; a revoked key ends its sessions with its next request."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from app.core import audit
from app.core.db import TROUBLE, Tx
from app.core.errors import NotFound
from app.core.tokens import Token
from app.domain.access import service as access
from app.domain.access.rules import Caller
from app.domain.deliveries import store as deliveries
from app.domain.sessions import rules, store
from app.domain.sessions import service as sessions
from app.flows.control import SWITCHED_OFF
from app.flows.kit import Kit

log = structlog.get_logger(__name__)

SEEN_TIMEOUT_S = 0.2


@dataclass(frozen=True)
class SignedIn:
    """Who sits at a browser, and the center it is about. `stopped_because` says why it stands still where nobody threw
    its kill switch by hand."""

    caller: Caller
    session_id: str
    center: str
    timezone: str | None
    stopped_at: datetime | None
    stopped_because: str
    form_token: str = field(repr=False)


@dataclass(frozen=True)
class Invitation:
    """A one-time link: its address is shown once."""

    url: str = field(repr=False)
    expires_at: datetime


async def by_key(kit: Kit, key: str, *, instead_of: str | None) -> Token | None:
    """A session for this API key; None when the key is unknown or revoked."""
    caller = await access.identify(kit.db, key)
    if caller is None:
        return None
    async with kit.db.write() as tx:
        return await _begin(tx, caller, how="key", instead_of=instead_of)


async def by_link(kit: Kit, link: str, *, instead_of: str | None) -> Token | None:
    """A session for a one-time link, which is used up; None when it cannot be used (any more)."""
    async with kit.db.write() as tx:
        found = await sessions.invited(tx, link)
        caller = await access.holder(tx, found.center_id, found.key_id) if found else None
        if found is None or caller is None or not await store.use(tx, found.id):
            return None
        return await _begin(tx, caller, how="link", instead_of=instead_of)


async def _begin(tx: Tx, caller: Caller, *, how: str, instead_of: str | None) -> Token:
    await audit.note(tx, caller.center_id, actor=caller.actor, action="session.begin", subject=caller.key_id, how=how)
    return await sessions.begin(tx, center_id=caller.center_id, key_id=caller.key_id, instead_of=instead_of)


async def invited(kit: Kit, link: str) -> Caller | None:
    """Whom a one-time link would sign in. Changes nothing."""
    async with kit.db.read() as tx:
        found = await sessions.invited(tx, link)
        return await access.holder(tx, found.center_id, found.key_id) if found else None


async def invite(tx: Tx, center_id: str, key_id: str, *, actor: str, base_url: str) -> Invitation:
    """A one-time link for a living key. Raises NotFound."""
    if await access.holder(tx, center_id, key_id) is None:
        raise NotFound("key_unknown", "There is no such API key, or it was revoked.")
    token = await sessions.invite(tx, center_id=center_id, key_id=key_id, actor=actor)
    await audit.note(tx, center_id, actor=actor, action="session.invite", subject=key_id)
    return Invitation(f"{base_url}/signin/{token.text}", tx.now + rules.LINK_LIVES)


async def signed_in(kit: Kit, token: str) -> SignedIn | None:
    """Who holds this session's token; None when it is over, or its key is revoked."""
    async with kit.db.read() as tx:
        session = await sessions.found(tx, token)
        caller = await access.holder(tx, session.center_id, session.key_id) if session else None
        if session is None or caller is None:
            return None
        center = await access.center(tx, session.center_id)
        gates = await deliveries.closed_gates(tx, [center.id]) if center.stopped_at else []
    if kit.clock.now() - session.seen_at > rules.SEEN_NOTED_EVERY:
        await _note_seen(kit, session.id)
    return SignedIn(
        caller=caller,
        session_id=session.id,
        center=center.name,
        timezone=center.timezone,
        stopped_at=center.stopped_at,
        stopped_because="".join(gate.reason for gate in gates if gate.reason != SWITCHED_OFF),
        form_token=rules.form_token(token),
    )


async def _note_seen(kit: Kit, session_id: str) -> None:
    """Worth no request: a busy database is let be."""
    try:
        async with asyncio.timeout(SEEN_TIMEOUT_S), kit.db.write() as tx:
            await store.seen(tx, session_id)
    except (*TROUBLE, TimeoutError) as error:
        log.info("session_use_not_noted", because=type(error).__name__)


async def sign_out(kit: Kit, who: SignedIn) -> None:
    async with kit.db.write() as tx:
        await store.end(tx, who.session_id)


async def sign_out_everywhere(kit: Kit, who: SignedIn) -> int:
    """End every session of this key; answers how many stood."""
    caller = who.caller
    async with kit.db.write() as tx:
        ended = await store.end_all(tx, caller.key_id)
        await audit.note(
            tx, caller.center_id, actor=caller.actor, action="session.end_all", subject=caller.key_id, sessions=ended
        )
    return ended
