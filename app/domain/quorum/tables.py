"""Rows of quorum alarms: one for each that a campaign was launched with."""

from datetime import datetime

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.quorum.states import State

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
TO_JUDGE = "state = 'waiting'"


class QuorumAlarm(SQLModel, table=True):
    """The one at `place` in its campaign's list: `percent` of the groups, in a branch or in all, are to have it by
    `due_at`. Of `total` groups `done` had it then: both are written down when it is judged."""

    __tablename__ = "quorum_alarm"
    __table_args__ = (
        Index("ix_quorum_alarm_campaign_id", "campaign_id"),
        Index("ix_quorum_alarm_due_at", "due_at", sqlite_where=text(TO_JUDGE), postgresql_where=text(TO_JUDGE)),
    )

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    branch_id: str | None = Field(default=None, foreign_key="branch.id")
    place: int
    percent: int
    due_at: datetime = Field(sa_type=Moment)
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    done: int = 0
    total: int = 0
    judged_at: datetime | None = Field(default=None, sa_type=Moment)
