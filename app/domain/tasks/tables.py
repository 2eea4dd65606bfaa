"""Rows of tasks: one for each time that an owner of groups is asked to send a text into them."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.tasks.states import State

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
GOING_ON = f"state <> '{State.ENDED.value}'"


class Task(SQLModel, table=True):
    """`leader_id` is the owner, `owner` what his platform calls him; `delivery_id` the delivery that asks him,
    `recall_id` the one that takes it back; `number` the platform's. `left_out` are the chats that it is not for, by
    their addresses. `look_at`: when the platform is asked about it next."""

    __table_args__ = (
        Index("ix_task_going_on", "look_at", sqlite_where=text(GOING_ON), postgresql_where=text(GOING_ON)),
        Index("ix_task_campaign_id", "campaign_id", "leader_id"),
        Index("ix_task_delivery_id", "delivery_id"),
    )

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    account_id: str = Field(foreign_key="account.id")
    leader_id: str = Field(foreign_key="leader.id")
    owner: str
    text_id: str = Field(foreign_key="campaign_text.id")
    delivery_id: str
    recall_id: str | None = None
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    reason: str = ""
    number: str | None = None
    left_out: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    made_at: datetime = Field(sa_type=Moment)
    asked_at: datetime | None = Field(default=None, sa_type=Moment)
    look_at: datetime | None = Field(default=None, sa_type=Moment)
