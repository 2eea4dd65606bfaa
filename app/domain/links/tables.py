"""Rows of links and of what knows a leader again: a public id, the hash of the token, and whom it speaks for."""

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


class SharedLink(SQLModel, table=True):
    """The one link of a campaign for everybody in the main group. By itself it speaks for nobody."""

    __tablename__ = "shared_link"
    __table_args__ = (Index("ix_shared_link_campaign_id", "campaign_id"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    digest: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)


class Phone(SQLModel, table=True):
    """A phone that a shared link knows again: enrolled once through a personal link, or with a personal code."""

    __table_args__ = (Index("ix_phone_leader_id", "leader_id"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    leader_id: str = Field(foreign_key="leader.id", ondelete="CASCADE")
    digest: str
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class PersonalCode(SQLModel, table=True):
    """A leader's short code, hashed; the newest one counts."""

    __tablename__ = "personal_code"

    leader_id: str = Field(primary_key=True, foreign_key="leader.id", ondelete="CASCADE")
    center_id: str = Field(foreign_key="center.id")
    digest: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Moment)
