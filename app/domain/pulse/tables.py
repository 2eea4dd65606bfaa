"""The pulse: one row that tells how far this database has come."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.core.db import Moment


class Pulse(SQLModel, table=True):
    """`lineage` is the name that a database keeps in all its copies; `beats` only ever grow."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    lineage: str
    beats: int
    at: datetime = Field(sa_type=Moment)
