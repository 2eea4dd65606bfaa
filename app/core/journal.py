"""The journal: one line for every move of every thing, appended in the transaction that made the move."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer
from sqlmodel import Field, SQLModel, col, select

from app.core.db import Moment, Tx, words


class Subject(StrEnum):
    """What a line is about."""

    CAMPAIGN = "campaign"
    RELAY = "relay"
    DELIVERY = "delivery"
    RECALL = "recall"


class JournalLine(SQLModel, table=True):
    """Who moved what from where to where, when by the database's clock, and why. `thread` is the story the line
    belongs to, so that a relay's story also shows its deliveries."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_stream", "stream", "seq"),
        Index("ix_journal_thread", "thread", "seq"),
    )

    seq: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    stream: str
    thread: str
    subject: Subject = Field(sa_column=Column(words(Subject, "subject"), nullable=False))
    subject_id: str
    was: str | None
    became: str
    actor: str
    reason: str
    at: datetime = Field(sa_type=Moment)


class Move(NamedTuple):
    """One line to append. `stream` is the campaign's id; `thread` the relay's id, or the subject's own."""

    stream: str
    thread: str
    subject: Subject
    subject_id: str
    was: str | None
    became: str
    actor: str
    reason: str = ""


async def append(tx: Tx, moves: Iterable[Move]) -> None:
    """Append these lines. They are written together at the end of the transaction, in the order they came."""
    tx.at_end(JournalLine, (*Move._fields, "at"), [(*move, tx.now) for move in moves])


async def thread(tx: Tx, thread_id: str) -> list[JournalLine]:
    """One story from its beginning."""
    return await tx.all(select(JournalLine).where(JournalLine.thread == thread_id).order_by(col(JournalLine.seq)))


async def settled(tx: Tx, stream: str, *, before: datetime) -> int:
    """The number of a campaign's newest line that is older than this moment; 0 where there is none."""
    older = select(JournalLine).where(JournalLine.stream == stream, col(JournalLine.at) < before)
    line = await tx.first(older.order_by(col(JournalLine.seq).desc()))
    return line.seq or 0 if line else 0


async def since(tx: Tx, stream: str, seq: int, *, upto: int | None = None, limit: int = 1000) -> list[JournalLine]:
    """A campaign's lines after `seq`, up to and including `upto`, oldest first."""
    lines = select(JournalLine).where(JournalLine.stream == stream, col(JournalLine.seq) > seq)
    if upto is not None:
        lines = lines.where(col(JournalLine.seq) <= upto)
    return await tx.all(lines.order_by(col(JournalLine.seq)).limit(limit))


async def newest(tx: Tx) -> int:
    """The number of the newest line of all; 0 where there is none."""
    line = await tx.first(select(JournalLine).order_by(col(JournalLine.seq).desc()))
    return line.seq or 0 if line else 0


async def moves(tx: Tx, seq: int, *, limit: int) -> list[JournalLine]:
    """The next lines of all campaigns after `seq`, oldest first."""
    lines = select(JournalLine).where(col(JournalLine.seq) > seq)
    return await tx.all(lines.order_by(col(JournalLine.seq)).limit(limit))
