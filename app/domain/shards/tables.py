"""Rows of the shards: which worker paces which accounts, and which workers live."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.core.db import Moment


class Shard(SQLModel, table=True):
    """Held by one worker until `lease_until`; `fence` grows with every change of hands. `-1` is the keeper's chair."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    holder: str | None = None
    fence: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=Moment)


class Worker(SQLModel, table=True):
    id: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)
