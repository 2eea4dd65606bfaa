"""Rows of signing in: who sits at which browser, and the links that let somebody in once."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.core.db import Moment


class WebSession(SQLModel, table=True):
    """One browser that is signed in with a key. `id` is the public part of its token, `digest` the hash of it all."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_key_id", "key_id"), Index("ix_web_session_expires_at", "expires_at"))

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    key_id: str = Field(foreign_key="api_key.id")
    digest: str
    created_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class SignInLink(SQLModel, table=True):
    """A link that signs one browser in with a key, once, soon."""

    __tablename__ = "sign_in_link"
    __table_args__ = (Index("ix_sign_in_link_expires_at", "expires_at"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    key_id: str = Field(foreign_key="api_key.id")
    digest: str
    created_at: datetime = Field(sa_type=Moment)
    created_by: str
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
