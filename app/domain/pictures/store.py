"""Every SQL statement about pictures. Their bytes are read by themselves, and only where they are asked for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, update
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.pictures.states import Kind
from app.domain.pictures.tables import Picture


class Bytes(NamedTuple):
    """A picture as it was kept."""

    id: str
    kind: Kind
    content: bytes


async def keep(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Keep it once; False where it stands already."""
    kept = await tx.run(tx.upsert(Picture).values(**row, created_at=tx.now).on_conflict_do_nothing())
    return kept.rowcount == 1


async def want(tx: Tx, center_id: str, picture_id: str) -> bool:
    """It is handed in or named once more, and so kept on from now; False where this center has no such picture."""
    mine = (col(Picture.id) == picture_id, col(Picture.center_id) == center_id)
    return (await tx.run(update(Picture).where(*mine).values(created_at=tx.now))).rowcount == 1


async def old(tx: Tx, *, before: datetime, after: str, limit: int) -> list[str]:
    """The ids, behind `after`, of pictures that were handed in or named before then alone."""
    wanted = columns(col(Picture.id)).where(col(Picture.created_at) < before, col(Picture.id) > after)
    return [row.id for row in await tx.table(wanted.order_by(col(Picture.id)).limit(limit))]


async def forget(tx: Tx, picture_ids: Collection[str], *, before: datetime) -> None:
    """These go, but for whichever was handed in or named since then."""
    gone = (among(col(Picture.id), sorted(picture_ids)), col(Picture.created_at) < before)
    await tx.run(delete(Picture).where(*gone))


async def head(tx: Tx, center_id: str, picture_id: str) -> Any | None:
    """(id, kind, size, created_at, created_by) of this center's picture."""
    wanted = columns(*(getattr(Picture, name) for name in ("id", "kind", "size", "created_at", "created_by")))
    found = await tx.table(wanted.where(col(Picture.id) == picture_id, col(Picture.center_id) == center_id))
    return found[0] if found else None


async def contents(tx: Tx, picture_ids: Sequence[str]) -> list[Bytes]:
    """The bytes of these pictures."""
    wanted = columns(col(Picture.id), col(Picture.kind), col(Picture.content))
    return [Bytes(*row) for row in await tx.table(wanted.where(among(col(Picture.id), picture_ids)))]
