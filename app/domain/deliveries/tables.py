"""Rows of the way out: deliveries, their attempts, the lanes they stand in and the gates that close them."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.deliveries.states import Hold, Kind, State

DUE = "state = 'due'"  # written out, not bound: only then does SQLite see the indexes for it
SENDING = "state = 'sending'"
IN_DOUBT = "state = 'uncertain'"
MERGED = "state = 'due' AND also IS NOT NULL"
UNSENT = "state = 'due' AND leader_id IS NOT NULL"
"""What is written to a leader and has not left."""
OMITTING = "omits IS NOT NULL"
RECALLS = "state = 'due' AND kind = 'recall'"


class Delivery(SQLModel, table=True):
    """One outbound message. `chat` is the limiter's key of the chat it goes to; `fence` numbers the times it was
    taken, so that a stale result can be told from a fresh one; `turn` tells repeated nudges apart; `of_id` is the
    delivery whose words this one takes back, or puts new ones in the place of. `part` counts from 0; `following` are
    the ids of the texts to go out after this one, with spaces between, or None after the last. `also` are the ids of
    other campaigns that a reminder speaks of, likewise; `omits` those that its successor does not, and of which its
    leader is still to hear. `center_id` and `campaign_id` are those of the text, copied, without keys of their
    own: a plan looks up every key for every row."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "kind", "subject", "turn", "part"),
        Index(
            "ix_delivery_due",
            "account_id",
            "campaign_id",
            "due_at",
            "id",
            sqlite_where=text(DUE),
            postgresql_where=text(DUE),
        ),
        Index(
            "ix_delivery_lease_until",
            "lease_until",
            sqlite_where=text(SENDING),
            postgresql_where=text(SENDING),
        ),
        Index(
            "ix_delivery_expires_at",
            "expires_at",
            sqlite_where=text(DUE),
            postgresql_where=text(DUE),
        ),
        Index("ix_delivery_campaign_id_state", "campaign_id", "state", "id"),
        Index("ix_delivery_relay_id", "relay_id"),
        Index(
            "ix_delivery_recall",
            "account_id",
            "campaign_id",
            sqlite_where=text(RECALLS),
            postgresql_where=text(RECALLS),
        ),
        Index("ix_delivery_in_doubt", "account_id", sqlite_where=text(IN_DOUBT), postgresql_where=text(IN_DOUBT)),
        Index("ix_delivery_omits", "id", sqlite_where=text(OMITTING), postgresql_where=text(OMITTING)),
        Index("ix_delivery_merged", "leader_id", sqlite_where=text(MERGED), postgresql_where=text(MERGED)),
        Index("ix_delivery_unsent", "leader_id", sqlite_where=text(UNSENT), postgresql_where=text(UNSENT)),
        Index(
            "ix_delivery_leader_id",
            "leader_id",
            "kind",
            sqlite_where=text("leader_id IS NOT NULL"),
            postgresql_where=text("leader_id IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    center_id: str
    campaign_id: str
    kind: Kind = Field(sa_column=Column(words(Kind, "kind"), nullable=False))
    subject: str
    turn: int = 0
    part: int = 0
    relay_id: str | None = Field(default=None, foreign_key="relay.id")
    of_id: str | None = Field(default=None, foreign_key="delivery.id")
    group_id: str | None = Field(default=None, foreign_key="chat_group.id")
    leader_id: str | None = Field(default=None, foreign_key="leader.id")
    account_id: str = Field(foreign_key="account.id")
    chat: str
    text_id: str = Field(foreign_key="campaign_text.id")
    following: str | None = None
    also: str | None = None
    omits: str | None = None
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    reason: str = ""
    due_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    fence: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    tries: int = 0
    resends: int = 0
    begun_at: datetime | None = Field(default=None, sa_type=Moment)
    message_id: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)


class Attempt(SQLModel, table=True):
    """One time a delivery was taken and what came of it. Inserted once, never changed."""

    __table_args__ = (
        Index("ix_attempt_account_id", "account_id", "ended_at"),
        Index("ix_attempt_delivery_id", "delivery_id"),
    )

    id: str = Field(primary_key=True)
    delivery_id: str = Field(foreign_key="delivery.id")
    account_id: str
    chat: str
    fence: int
    started_at: datetime = Field(sa_type=Moment)
    ended_at: datetime = Field(sa_type=Moment)
    outcome: str
    code: str = ""
    detail: str = ""
    stale: bool = False


class Lane(SQLModel, table=True):
    """One account's part of one campaign: where a drain looks for work. `rank` is the campaign's priority."""

    account_id: str = Field(primary_key=True, foreign_key="account.id")
    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id")
    center_id: str
    shard: int = Field(index=True)
    rank: int
    min_gap_s: float
    max_gap_s: float
    seed: str


class Gate(SQLModel, table=True):
    """Something may not send. `subject` is a center, campaign, account, chat or relay; a row is a closed gate: a wait
    until `until`, a stop, which has none, until it is removed."""

    subject: str = Field(primary_key=True)
    hold: Hold = Field(sa_column=Column(words(Hold, "hold"), primary_key=True, nullable=False))
    reason: str
    until: datetime | None = Field(default=None, sa_type=Moment)
    since: datetime = Field(sa_type=Moment)


class ReadBack(SQLModel, table=True):
    """How often a platform was asked whether an uncertain delivery stands, since it was taken under this `fence`.
    Without `next_at` it is not asked again."""

    __tablename__ = "read_back"

    delivery_id: str = Field(primary_key=True, foreign_key="delivery.id")
    fence: int
    times: int
    next_at: datetime | None = Field(default=None, sa_type=Moment)
