"""Rows of the cascade: one for each regional leader's turn in a campaign."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.cascade.states import CLOSED, State

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
STILL_CLOSED = "state IN (" + ", ".join(f"'{state.value}'" for state in CLOSED) + ")"


class Tier(SQLModel, table=True):
    """`parent_id` is the tier that has to open before this one's leader is told; `until_at` when it opens without his
    word, `remind_at` when he hears of it once more. `state` says how far it is, `reason` why it opened as it did."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "branch_id"),
        Index("ix_tier_closed", "campaign_id", sqlite_where=text(STILL_CLOSED), postgresql_where=text(STILL_CLOSED)),
        Index("ix_tier_leader_id", "leader_id", "campaign_id"),
    )

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    branch_id: str = Field(foreign_key="branch.id")
    parent_id: str | None = Field(default=None, foreign_key="tier.id")
    leader_id: str = Field(foreign_key="leader.id")
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    reason: str = ""
    starts_at: datetime = Field(sa_type=Moment)
    until_at: datetime = Field(sa_type=Moment)
    told_at: datetime | None = Field(default=None, sa_type=Moment)
    remind_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
