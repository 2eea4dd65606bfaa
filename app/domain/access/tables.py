"""Rows of access: centers and their keys."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.access.states import Role


class Center(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str
    timezone: str | None = None
    language: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    needs_approval: bool = False
    stopped_at: datetime | None = Field(default=None, sa_type=Moment)


class ApiKey(SQLModel, table=True):
    __tablename__ = "api_key"
    __table_args__ = (Index("ix_api_key_center_id", "center_id"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    name: str
    role: Role = Field(sa_column=Column(words(Role, "role"), nullable=False))
    public_id: str = Field(unique=True)
    digest: str
    created_at: datetime = Field(sa_type=Moment)
    created_by: str
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
