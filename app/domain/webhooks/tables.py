"""Rows of outgoing webhooks: who wants to hear of what, what he is to be told, and each try to tell him."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.webhooks.states import Event, State

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
DUE = "state = 'due'"


class Webhook(SQLModel, table=True):
    """`address` may be shown; the whole URL and the signing secret are in `secret_box`. `failing_since`: the first of
    the tries that failed since one succeeded. Without `enabled` nothing is told, and `disabled_reason` says why."""

    __table_args__ = (Index("ix_webhook_center_id", "center_id", "id"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    name: str
    address: str
    secret_box: str
    events: list[str] = Field(sa_column=Column(JSON, nullable=False))
    enabled: bool = True
    disabled_reason: str = ""
    since_at: datetime = Field(sa_type=Moment)
    failing_since: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class Notice(SQLModel, table=True):
    """One event for one webhook. The id is derived from both, and goes with every try as `webhook-id`."""

    __tablename__ = "webhook_notice"
    __table_args__ = (
        Index("ix_webhook_notice_due_at", "due_at", sqlite_where=text(DUE), postgresql_where=text(DUE)),
        Index("ix_webhook_notice_webhook_id", "webhook_id", "id"),
    )

    id: str = Field(primary_key=True)
    webhook_id: str = Field(foreign_key="webhook.id", ondelete="CASCADE")
    event: Event = Field(sa_column=Column(words(Event, "event"), nullable=False))
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    due_at: datetime = Field(sa_type=Moment)
    tries: int = 0
    created_at: datetime = Field(sa_type=Moment)


class Try(SQLModel, table=True):
    """One try to tell: the status the receiver answered, or none where the line broke."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_webhook_id", "webhook_id", "id"),)

    id: str = Field(primary_key=True)
    webhook_id: str = Field(foreign_key="webhook.id", ondelete="CASCADE")
    notice_id: str = Field(foreign_key="webhook_notice.id", ondelete="CASCADE", index=True)
    event: Event = Field(sa_column=Column(words(Event, "event"), nullable=False))
    number: int
    at: datetime = Field(sa_type=Moment)
    taken: bool
    status: int | None = None
    detail: str = ""


class WebhookCursor(SQLModel, table=True):
    """Up to which line the journal has been read for webhooks."""

    __tablename__ = "webhook_cursor"

    name: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
