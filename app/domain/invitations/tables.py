"""Rows of invitations: who is asked to answer for which group, and the hash of the link he was given."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.invitations.states import State


class Invitation(SQLModel, table=True):
    """`leader_id` is the leader this is for, or became. The contact is whole only in `contact_box`."""

    __table_args__ = (Index("ix_invitation_group_id", "group_id", "id"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    group_id: str = Field(foreign_key="chat_group.id", ondelete="CASCADE")
    leader_id: str | None = Field(default=None, foreign_key="leader.id", ondelete="SET NULL")
    name: str
    contact_box: str
    rank: int
    public_id: str = Field(unique=True)
    digest: str
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    reason: str = ""
    created_by: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
