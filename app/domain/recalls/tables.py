"""Rows of recalls: one for each relay that is to be taken back."""

from datetime import datetime

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.recalls.states import State

TO_BEGIN = "state = 'wanted'"


class Recall(SQLModel, table=True):
    """`look_at` is when a wish that could not begin yet is looked at again."""

    __table_args__ = (
        Index("ix_recall_campaign_id", "campaign_id", "state", "relay_id"),
        Index("ix_recall_look_at", "look_at", sqlite_where=text(TO_BEGIN), postgresql_where=text(TO_BEGIN)),
    )

    relay_id: str = Field(primary_key=True, foreign_key="relay.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    reason: str = ""
    asked_by: str
    asked_at: datetime = Field(sa_type=Moment)
    look_at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
