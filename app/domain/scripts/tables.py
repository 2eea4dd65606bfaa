"""Rows of the script library: a script and its immutable versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.core.markdown import Format


class Script(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("center_id", "slug"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    slug: str
    category: str
    title: str
    latest: int
    created_at: datetime = Field(sa_type=Moment)


class ScriptVersion(SQLModel, table=True):
    """`variables` is a list of declarations, `texts` maps `language` or `language/platform` to a body."""

    __tablename__ = "script_version"
    __table_args__ = (UniqueConstraint("script_id", "version"),)

    id: str = Field(primary_key=True)
    script_id: str = Field(foreign_key="script.id")
    version: int
    digest: str
    title: str
    category: str
    variables: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    texts: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    format: Format = Field(default=Format.PLAIN, sa_column=Column(words(Format, "format"), nullable=False))
    source: str
    created_at: datetime = Field(sa_type=Moment)
