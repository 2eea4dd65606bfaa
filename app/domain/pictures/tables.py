"""Rows of pictures. Their bytes stand in the database: every worker reads them there, on whatever machine it runs, and
a backup holds them."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.pictures.states import Kind


class Picture(SQLModel, table=True):
    """One picture of a center. Its id stands for its bytes, so that it never changes. `created_at` is when it was last
    handed in, or named by a new campaign."""

    __table_args__ = (Index("ix_picture_created_at", "created_at"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    kind: Kind = Field(sa_column=Column(words(Kind, "kind"), nullable=False))
    size: int
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_type=Moment)
    created_by: str
