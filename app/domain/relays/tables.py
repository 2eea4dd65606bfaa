"""Rows of the ledger: one relay per campaign and group, and what people said about it."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.relays.states import MISSING, OPEN, Evidence, Part, Route, State, Via

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
TO_HAND_OFF = "state = 'planned' AND route = 'leader' AND waits_for IS NULL AND asked_by IS NULL"
TO_ASK = "state = 'planned' AND asked_by IS NOT NULL AND task_id IS NULL AND waits_for IS NULL"
AWAITED = "route = 'leader' AND state IN (" + ", ".join(f"'{state.value}'" for state in OPEN) + ")"
SHOWN = "picture_id IS NOT NULL"
MISSING_NOW = "state IN (" + ", ".join(f"'{state.value}'" for state in MISSING) + ")"


def _some(name: str, *columns: str, where: str) -> Index:
    """An index of the few rows that somebody looks for: a row outside costs it nothing, however often it moves."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Relay(SQLModel, table=True):
    """`leader_id` is who has it now; `deadline_at` when it counts as missed; `next_step_at` when the policy acts;
    `waits_for` is the tier of a cascade that has to open before he is asked. Where it is his platform that asks him,
    `asked_by` is the account that has it do so, and `task_id` the task. `center_id` is the campaign's, copied, without
    a key of its own: a plan looks up every key for every row."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "group_id"),
        Index("ix_relay_campaign_id_state", "campaign_id", "state", "id"),
        Index("ix_relay_tree", "campaign_id", "state", "branch_id"),
        _some("ix_relay_leader_id", "leader_id", "campaign_id", where="leader_id IS NOT NULL"),
        _some("ix_relay_to_hand_off", "starts_at", where=TO_HAND_OFF),
        _some("ix_relay_to_ask", "starts_at", where=TO_ASK),
        _some("ix_relay_task_id", "task_id", where="task_id IS NOT NULL"),
        _some("ix_relay_asked_by", "group_id", where="asked_by IS NOT NULL"),
        _some("ix_relay_deadline_at", "deadline_at", where=AWAITED),
        _some("ix_relay_next_step_at", "next_step_at", where="next_step_at IS NOT NULL"),
        _some("ix_relay_waits_for", "waits_for", where="waits_for IS NOT NULL"),
        _some("ix_relay_missing", "campaign_id", "id", where=MISSING_NOW),
    )

    id: str = Field(primary_key=True)
    center_id: str
    campaign_id: str = Field(foreign_key="campaign.id")
    group_id: str = Field(foreign_key="chat_group.id")
    branch_id: str | None = Field(default=None, foreign_key="branch.id")
    state: State = Field(sa_column=Column(words(State, "state"), nullable=False))
    reason: str = ""
    route: Route | None = Field(default=None, sa_column=Column(words(Route, "route")))
    text_id: str | None = Field(default=None, foreign_key="campaign_text.id")
    leader_id: str | None = Field(default=None, foreign_key="leader.id")
    via: Via | None = Field(default=None, sa_column=Column(words(Via, "via")))
    late: bool = False
    evidence: Evidence | None = Field(default=None, sa_column=Column(words(Evidence, "evidence")))
    waits_for: str | None = Field(default=None, foreign_key="tier.id")
    asked_by: str | None = Field(default=None, foreign_key="account.id")
    task_id: str | None = Field(default=None, foreign_key="task.id")
    starts_at: datetime = Field(sa_type=Moment)
    deadline_at: datetime = Field(sa_type=Moment)
    next_step_at: datetime | None = Field(default=None, sa_type=Moment)
    steps_taken: int = 0
    nudges: int = 0
    assigned_at: datetime | None = Field(default=None, sa_type=Moment)
    relayed_at: datetime | None = Field(default=None, sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)


class Holding(SQLModel, table=True):
    """Somebody has, or had, a relay that did not stay with the leader it was planned for. A relay that nobody passed
    on has none. Whoever had it may still confirm, unless it was `withdrawn`; `until` is when it went to another."""

    __table_args__ = (Index("ix_holding_leader_id", "leader_id", "campaign_id"),)

    relay_id: str = Field(primary_key=True, foreign_key="relay.id")
    leader_id: str = Field(primary_key=True, foreign_key="leader.id")
    campaign_id: str = Field(foreign_key="campaign.id")
    part: Part = Field(sa_column=Column(words(Part, "part"), nullable=False))
    since: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)
    withdrawn: bool = False


class Confirmation(SQLModel, table=True):
    """What a person said through a link, kept whether or not it moved anything. `picture_id` is what he showed."""

    __table_args__ = (
        Index("ix_confirmation_relay_id", "relay_id"),
        _some("ix_confirmation_picture_id", "picture_id", where=SHOWN),
    )

    id: str = Field(primary_key=True)
    relay_id: str = Field(foreign_key="relay.id")
    leader_id: str = Field(foreign_key="leader.id")
    link_id: str
    action: str
    reason: str = ""
    proof: str = ""
    picture_id: str | None = Field(default=None, foreign_key="picture.id")
    moved: bool
    at: datetime = Field(sa_type=Moment)
