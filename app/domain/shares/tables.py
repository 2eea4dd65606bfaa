"""Rows of shared reports: the hash of a link's token, what it shows, and until when."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.core.db import Moment


class Share(SQLModel, table=True):
    """A link to one campaign's report for somebody without a key. `names` is whether it says who the leaders are."""

    __tablename__ = "report_share"
    __table_args__ = (Index("ix_report_share_campaign_id", "campaign_id", "id"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    public_id: str = Field(unique=True)
    digest: str
    names: bool
    created_at: datetime = Field(sa_type=Moment)
    created_by: str
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
