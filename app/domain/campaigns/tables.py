"""Rows of campaigns: the instruction, what launch froze of it, and the receipts for `POST /campaigns`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Index, false, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.core.markdown import Format
from app.domain.campaigns.states import Cascade, Mode, Priority, Proof, RouteChoice, State

CORRECTS = "corrects_id IS NOT NULL"

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
PICTURED = "picture_id IS NOT NULL"
UNDIGESTED = "digested_at IS NULL AND ends_at IS NOT NULL"


class Campaign(SQLModel, table=True):
    """`texts` maps `language` or `language/platform` to an unfilled body, `""` being the one for everybody.
    `plan_cursor` is the last group that was planned; `planned_at` is set when all were, `digested_at` when the head was
    told of its end. `proof_percent` of the groups ask their leader for a `proof`. `corrects_id` is the campaign whose
    words this one corrects, in its `mode`; `sealed` the fingerprint of what waits for a second person."""

    __table_args__ = (
        Index("ix_campaign_center_id", "center_id", "id"),
        Index("ix_campaign_state", "state"),
        Index("ix_campaign_corrects_id", "corrects_id", sqlite_where=text(CORRECTS), postgresql_where=text(CORRECTS)),
        Index("ix_campaign_picture_id", "picture_id", sqlite_where=text(PICTURED), postgresql_where=text(PICTURED)),
        Index("ix_campaign_ends_at", "ends_at", sqlite_where=text(UNDIGESTED), postgresql_where=text(UNDIGESTED)),
    )

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    title: str
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    texts: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    variables: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    script_slug: str | None = None
    script_version: int | None = None
    audience: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    route: RouteChoice = Field(sa_column=Column(words(RouteChoice, "route"), nullable=False))
    priority: Priority = Field(sa_column=Column(words(Priority, "priority"), nullable=False))
    send_at: datetime | None = Field(default=None, sa_type=Moment)
    window_minutes: float = 0
    relay_minutes: float
    min_gap_s: float
    max_gap_s: float
    escalation: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    drill: bool = False
    mention_all: bool = False
    pin: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    split: bool = True
    format: Format = Field(default=Format.PLAIN, sa_column=Column(words(Format, "format"), nullable=False))
    proof_percent: int = 0
    proof: Proof = Field(
        default=Proof.WORDS,
        sa_column=Column(words(Proof, "proof"), nullable=False, server_default=Proof.WORDS.value),
    )
    cascade: Cascade = Field(
        default=Cascade.AT_ONCE,
        sa_column=Column(words(Cascade, "cascade"), nullable=False, server_default=Cascade.AT_ONCE.value),
    )
    quorum: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    seed: str
    created_at: datetime = Field(sa_type=Moment)
    created_by: str
    launched_at: datetime | None = Field(default=None, sa_type=Moment)
    starts_at: datetime | None = Field(default=None, sa_type=Moment)
    ends_at: datetime | None = Field(default=None, sa_type=Moment)
    audience_count: int = 0
    plan_cursor: str = ""
    planned_at: datetime | None = Field(default=None, sa_type=Moment)
    cleared_at: datetime | None = Field(default=None, sa_type=Moment)
    picture_id: str | None = Field(default=None, foreign_key="picture.id")
    corrects_id: str | None = Field(default=None, foreign_key="campaign.id")
    mode: Mode | None = Field(default=None, sa_column=Column(words(Mode, "mode")))
    needs_approval: bool = False
    sealed: str | None = None
    approved_by: str | None = None
    rejection: str | None = None
    digested_at: datetime | None = Field(default=None, sa_type=Moment)


class CampaignGroup(SQLModel, table=True):
    """One group of a frozen audience, with the facts the plan needs as they stood at launch."""

    __tablename__ = "campaign_group"

    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id")
    group_id: str = Field(primary_key=True, foreign_key="chat_group.id")
    name: str
    platform: str
    address_key: str
    account_id: str | None
    branch_id: str | None
    members: int | None
    timezone: str | None
    language: str | None
    routes: list[str] = Field(sa_column=Column(JSON, nullable=False))


class CampaignText(SQLModel, table=True):
    """One finished text of a campaign; groups that get the same words share it. `mention_all`: whether it calls
    everyone in a group it is posted to; `markdown`: whether it is to be shown as such; `picture_id`: what is posted
    with it, or, where it is empty, alone; `pin`: whether it is to stay on top."""

    __tablename__ = "campaign_text"
    __table_args__ = (
        Index(
            "ix_campaign_text_picture_id", "picture_id", sqlite_where=text(PICTURED), postgresql_where=text(PICTURED)
        ),
    )

    id: str = Field(primary_key=True)
    campaign_id: str = Field(foreign_key="campaign.id")
    body: str
    mention_all: bool = False
    markdown: bool = False
    picture_id: str | None = Field(default=None, foreign_key="picture.id")
    pin: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class IdempotencyRecord(SQLModel, table=True):
    """The receipt of a request that created something: the same key gets the same answer."""

    __tablename__ = "idempotency_record"

    center_id: str = Field(primary_key=True, foreign_key="center.id")
    key: str = Field(primary_key=True)
    fingerprint: str
    campaign_id: str = Field(foreign_key="campaign.id")
    created_at: datetime = Field(sa_type=Moment)
