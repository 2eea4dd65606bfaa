"""Rows of accounts: one platform credential each, its secret sealed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.accounts.states import Status


class Account(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("center_id", "name_key"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    name: str
    name_key: str
    platform: str
    channel: str
    """Which way into the platform its secrets open."""
    pace_key: str | None = Field(default=None, index=True)
    """Accounts with the same key are one sender to their platform, and share its limits."""
    speaks_since: datetime | None = Field(default=None, sa_type=Moment)
    """Since when it is to its platform who it is; None: ever since it was made."""
    base_url: str | None = None
    secret_box: str | None = None
    secret_hint: str = ""
    limits: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON))
    status: Status = Field(sa_column=Column(words(Status, "status"), nullable=False))
    status_reason: str = ""
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
