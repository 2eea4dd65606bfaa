"""Rows of relay links: a public id, the hash of the token, and whom it speaks for."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.core.db import Moment


class RelayLink(SQLModel, table=True):
    __tablename__ = "relay_link"
    __table_args__ = (Index("ix_relay_link_leader_id", "leader_id", "campaign_id"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    leader_id: str = Field(foreign_key="leader.id")
    digest: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
