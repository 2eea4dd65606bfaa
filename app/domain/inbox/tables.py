"""Rows of the inbox: each thing a platform told us by itself, once."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.inbox.states import Matter

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
WAITING = "handled_at IS NULL"


class InboundEvent(SQLModel, table=True):
    """`event_key` is the platform's own id of the event, or a digest of the request. Chats are known by the digests of
    their addresses, which may be credentials; `delivery_id` is what a receipt names, whether or not it is ours.
    `due_at` is when it is looked at next, `outcome` what came of it."""

    __tablename__ = "inbound_event"
    __table_args__ = (
        UniqueConstraint("account_id", "event_key"),
        Index(
            "ix_inbound_event_due_at",
            "due_at",
            "id",
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        Index(
            "ix_inbound_event_group_id",
            "group_id",
            "received_at",
            sqlite_where=text("group_id IS NOT NULL"),
            postgresql_where=text("group_id IS NOT NULL"),
        ),
        Index(
            "ix_inbound_event_leader_id",
            "leader_id",
            "received_at",
            sqlite_where=text("leader_id IS NOT NULL"),
            postgresql_where=text("leader_id IS NOT NULL"),
        ),
        Index("ix_inbound_event_account_id", "account_id", "id"),
    )

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    account_id: str = Field(foreign_key="account.id")
    platform: str
    event_key: str
    matter: Matter = Field(sa_column=Column(words(Matter, "matter"), nullable=False))
    address_keys: list[str] = Field(sa_column=Column(JSON, nullable=False))
    moved_to: str
    code: str
    person: str
    text: str
    message_id: str
    reply_to: str
    delivery_id: str
    group_id: str | None = Field(default=None, foreign_key="chat_group.id", ondelete="SET NULL")
    leader_id: str | None = Field(default=None, foreign_key="leader.id", ondelete="SET NULL")
    said_at: datetime | None = Field(default=None, sa_type=Moment)
    received_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    handled_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str = Field(default="", sa_column_kwargs={"server_default": ""})


class HeardDay(SQLModel, table=True):
    """How many messages one person wrote in a group on one day (in UTC, like 2026-11-28): what is left of events that
    are not kept any more. `person` is the platform's own id; `leader_id` is set where it is one of the center's."""

    __tablename__ = "heard_day"
    __table_args__ = (Index("ix_heard_day_day", "day"),)

    group_id: str = Field(primary_key=True, foreign_key="chat_group.id", ondelete="CASCADE")
    day: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    leader_id: str | None = Field(default=None, foreign_key="leader.id", ondelete="SET NULL")
    words: int
    last_at: datetime = Field(sa_type=Moment)
