"""Centers and their keys: who is calling, who may call, and the first key of a new house."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core import audit, ids, paging, tokens
from app.core.db import Database, Tx
from app.core.errors import Conflict, NotFound
from app.domain.access import store
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.access.tables import ApiKey, Center

log = structlog.get_logger(__name__)

KIND = "mk"
FIRST_CENTER = "main"
USE_NOTED_EVERY = timedelta(minutes=1)
USE_TIMEOUT_S = 0.2

_noted: dict[str, datetime] = {}


@dataclass(frozen=True)
class Issued:
    """A fresh key and its token, which is shown once and stored nowhere."""

    key: ApiKey
    token: str = field(repr=False)


async def identify(db: Database, token: str) -> Caller | None:
    """The caller behind a token `mk_<12>_<43>`; None for anything unknown, forged or revoked.

    Every call reads the key's row, so a revocation holds for the next request of every process.
    """
    public_id = tokens.public_id(KIND, token)
    if public_id is None:
        return None
    async with db.read() as tx:
        key = await store.live_key(tx, public_id)
    if key is None or not tokens.matches(token, key.digest):
        return None
    await _note_use(db, key)
    return Caller(key.center_id, key.id, key.name, key.role)


async def holder(tx: Tx, center_id: str, key_id: str) -> Caller | None:
    """The caller a living key of this center stands for; None when it is unknown or revoked."""
    key = await store.key(tx, center_id, key_id)
    return Caller(key.center_id, key.id, key.name, key.role) if key and key.revoked_at is None else None


async def _note_use(db: Database, key: ApiKey) -> None:
    """Keep `last_used_at` fresh to the minute. It is worth no request: a busy or failing database is let be, and
    this process tries again a minute later."""
    now = db.clock.now()
    last = max(filter(None, (key.last_used_at, _noted.get(key.id))), default=None)
    if last is not None and now - last < USE_NOTED_EVERY:
        return
    _noted[key.id] = now
    try:
        async with asyncio.timeout(USE_TIMEOUT_S), db.write() as tx:
            await store.used(tx, key.id, every=USE_NOTED_EVERY)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.info("key_use_not_noted", key=key.id, because=type(error).__name__)


async def first_start(tx: Tx) -> str | None:
    """In an empty database: the center `main` and an owner key, whose token is answered to be printed once."""
    center_id = await store.first_center(tx, FIRST_CENTER)
    if center_id is None:
        return None
    await audit.note(tx, center_id, actor="system", action="center.create", subject=center_id, name=FIRST_CENTER)
    return (await create_key(tx, center_id, name="first owner", role=Role.OWNER, actor="system")).token


async def create_center(tx: Tx, name: str, *, actor: str) -> Center:
    row = await store.add_center(tx, name)
    await audit.note(tx, row.id, actor=actor, action="center.create", subject=row.id, name=name)
    return row


async def center(tx: Tx, center_id: str) -> Center:
    """Raises NotFound."""
    row = await store.center(tx, center_id)
    if row is None:
        raise NotFound("center_unknown", "There is no such center.")
    return row


async def change_center(tx: Tx, center_id: str, values: Mapping[str, object], *, actor: str) -> None:
    """Set a center's name, time zone or language, or whether its launches wait for a second person."""
    if values:
        await store.change_center(tx, center_id, values)
        await audit.note(tx, center_id, actor=actor, action="center.change", subject=center_id, changed=sorted(values))


async def centers(tx: Tx) -> list[Center]:
    """Every center of this house: for its keeper at the command line, never for a key."""
    return await store.centers(tx)


async def create_key(tx: Tx, center_id: str, *, name: str, role: Role, actor: str) -> Issued:
    """A new key of the center. The token in the answer cannot be had a second time."""
    token = tokens.mint(KIND)
    key = ApiKey(
        id=ids.new("key"),
        center_id=center_id,
        name=name,
        role=role,
        public_id=token.public_id,
        digest=token.digest,
        created_at=tx.now,
        created_by=actor,
    )
    await store.add_key(tx, key)
    await audit.note(tx, center_id, actor=actor, action="key.create", subject=key.id, name=name, role=role.value)
    return Issued(key, token.text)


async def list_keys(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[ApiKey]:
    return await store.keys(tx, center_id, limit=limit, cursor=cursor)


async def revoke_key(tx: Tx, center_id: str, key_id: str, *, actor: str) -> None:
    """Revoke a key; doing it twice is once. Raises NotFound, and Conflict for the center's last owner key."""
    await store.lock(tx, center_id)
    key = await store.key(tx, center_id, key_id)
    if key is None:
        raise NotFound("key_unknown", "There is no such API key.")
    if key.revoked_at is not None:
        return
    if key.role is Role.OWNER and await store.live_owners(tx, center_id) == 1:
        raise Conflict(
            "last_owner_key",
            f"“{key.name}” is the last owner key: without it nobody could manage this center. Create another first.",
        )
    await store.revoke(tx, key.id)
    await audit.note(tx, center_id, actor=actor, action="key.revoke", subject=key.id, name=key.name)
