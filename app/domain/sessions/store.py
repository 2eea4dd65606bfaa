"""Every SQL statement about sessions and the links that begin them."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from app.core.db import Tx
from app.domain.sessions.tables import SignInLink, WebSession


async def add_session(tx: Tx, session: WebSession) -> None:
    await tx.add(session)


async def session(tx: Tx, public_id: str) -> WebSession | None:
    return await tx.first(select(WebSession).where(WebSession.id == public_id))


async def seen(tx: Tx, public_id: str) -> None:
    await tx.run(update(WebSession).where(col(WebSession.id) == public_id).values(seen_at=tx.now))


async def end(tx: Tx, public_id: str) -> None:
    """End one session; a session that is over stays as it was."""
    over = update(WebSession).where(col(WebSession.id) == public_id, col(WebSession.ended_at).is_(None))
    await tx.run(over.values(ended_at=tx.now))


async def end_all(tx: Tx, key_id: str) -> int:
    """End every session of a key; answers how many stood."""
    over = update(WebSession).where(col(WebSession.key_id) == key_id, col(WebSession.ended_at).is_(None))
    return (await tx.run(over.values(ended_at=tx.now))).rowcount


async def add_link(tx: Tx, link: SignInLink) -> None:
    await tx.add(link)


async def link(tx: Tx, public_id: str) -> SignInLink | None:
    return await tx.first(select(SignInLink).where(SignInLink.id == public_id))


async def use(tx: Tx, public_id: str) -> bool:
    """Use a link up; False when somebody was first, or it is too late."""
    used = await tx.run(
        update(SignInLink)
        .where(col(SignInLink.id) == public_id, col(SignInLink.used_at).is_(None), col(SignInLink.expires_at) > tx.now)
        .values(used_at=tx.now)
    )
    return used.rowcount == 1


async def forget(tx: Tx, *, before: datetime) -> None:
    """Delete what was over before this moment."""
    await tx.run(delete(WebSession).where(col(WebSession.expires_at) < before))
    await tx.run(delete(SignInLink).where(col(SignInLink.expires_at) < before))
