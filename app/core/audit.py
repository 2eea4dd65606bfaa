"""The audit log: who changed what, appended in the transaction that changed it, never altered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel, col, select

from app.core import ids, paging
from app.core.db import Moment, Tx


class AuditEntry(SQLModel, table=True):
    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_center_id", "center_id", "id"),)

    id: str = Field(primary_key=True)
    center_id: str
    at: datetime = Field(sa_type=Moment)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


async def note(tx: Tx, center_id: str, *, actor: str, action: str, subject: str, **detail: Any) -> None:
    """Append one entry. `action` is a verb with its noun ("group.create"), `subject` an id; no secret in `detail`."""
    await note_all(tx, [Deed(center_id, actor, action, subject, detail)])


class Deed(NamedTuple):
    """One entry to append, as for `note`."""

    center_id: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = {}  # noqa: RUF012 - nobody writes into it


async def note_all(tx: Tx, deeds: Iterable[Deed]) -> None:
    """Append these entries, in their order."""
    await tx.insert_lines(AuditEntry, _NAMES, _lines(tx, deeds))


def note_at_end(tx: Tx, deeds: Iterable[Deed]) -> None:
    """Append these entries, in their order, just before the commit."""
    tx.at_end(AuditEntry, _NAMES, _lines(tx, deeds))


_NAMES = ("id", *Deed._fields, "at")


def _lines(tx: Tx, deeds: Iterable[Deed]) -> list[tuple[Any, ...]]:
    told = list(deeds)
    return [(one, *deed, tx.now) for one, deed in zip(ids.many("aud", len(told)), told, strict=True)]


async def entries(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[AuditEntry]:
    """A center's entries, newest first."""
    query = select(AuditEntry).where(AuditEntry.center_id == center_id).order_by(col(AuditEntry.id).desc())
    before = paging.decode(cursor)
    if before is not None:
        query = query.where(col(AuditEntry.id) < before)
    rows = await tx.all(query.limit(limit + 1))
    more = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)
