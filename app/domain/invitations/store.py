"""Every SQL statement about invitations."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select as columns
from sqlalchemy import update
from sqlmodel import col, select

from app.core import paging
from app.core.db import Tx
from app.domain.invitations.states import MOVES, News
from app.domain.invitations.tables import Invitation


async def add(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.insert(Invitation, [row])


async def find(tx: Tx, center_id: str, invitation_id: str) -> Invitation | None:
    return await tx.first(select(Invitation).where(Invitation.center_id == center_id, Invitation.id == invitation_id))


async def digest_of(tx: Tx, public_id: str) -> str | None:
    """The digest kept under this public id. One row comes back whether there is one or not, for the same work."""
    kept = select(Invitation.digest).where(Invitation.public_id == public_id).scalar_subquery()
    [row] = await tx.table(columns(kept))
    digest: str | None = row[0]
    return digest


async def behind(tx: Tx, public_id: str) -> Invitation | None:
    """The invitation whose link has this public id; the center follows from it."""
    return await tx.first(select(Invitation).where(Invitation.public_id == public_id))


async def page(tx: Tx, group_id: str, *, limit: int, cursor: str | None) -> paging.Page[Invitation]:
    """A group's invitations, the newest first."""
    query = select(Invitation).where(Invitation.group_id == group_id).order_by(col(Invitation.id).desc())
    before = paging.decode(cursor)
    rows = await tx.all((query if before is None else query.where(col(Invitation.id) < before)).limit(limit + 1))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def tell(tx: Tx, invitation_id: str, news: News, **values: Any) -> bool:
    """Tell an invitation the news; False when its state forbids it."""
    moved = await tx.run(
        update(Invitation)
        .where(col(Invitation.id) == invitation_id, col(Invitation.state).in_(MOVES.before(news)))
        .values(state=MOVES.after(news), answered_at=tx.now, **values)
    )
    return moved.rowcount == 1
