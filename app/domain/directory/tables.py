"""Rows of the directory: the tree, the groups that hang in it, the people who answer for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.db import Moment, words
from app.domain.directory.states import GroupStatus, Health

# Written out, not bound: only then does SQLite see that a query asks for what a partial index holds.
GONE = "health <> 'sound'"


class Branch(SQLModel, table=True):
    """`path` is the whole way from the top, e.g. `East/Shanghai`; `path_key` is its comparable form."""

    __table_args__ = (UniqueConstraint("center_id", "path_key"), Index("ix_branch_parent_id", "parent_id"))

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    parent_id: str | None = Field(default=None, foreign_key="branch.id")
    name: str
    path: str
    path_key: str
    created_at: datetime = Field(sa_type=Moment)


class Group(SQLModel, table=True):
    """`address` may be shown: where the real one is a secret URL, it is masked here and whole only in `secret_box`.
    `address_key` tells two spellings of one address apart from two addresses. `activity` lists `[name, count]` of the
    most active members, as a sheet told it; `health` is what its platform told of it, at `health_since` by the
    platform's own time."""

    __tablename__ = "chat_group"
    __table_args__ = (
        UniqueConstraint("center_id", "platform", "address_key"),
        Index("ix_chat_group_branch_id", "branch_id"),
        Index("ix_chat_group_center_id", "center_id", "id"),
        Index("ix_chat_group_gone", "center_id", sqlite_where=text(GONE), postgresql_where=text(GONE)),
    )

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    name: str
    platform: str
    address: str
    address_key: str
    account_id: str | None = Field(default=None, foreign_key="account.id")
    branch_id: str | None = Field(default=None, foreign_key="branch.id")
    members: int | None = None
    tags: list[str] = Field(sa_column=Column(JSON, nullable=False))
    timezone: str | None = None
    language: str | None = None
    routes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    activity: list[tuple[str, int]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: GroupStatus = Field(sa_column=Column(words(GroupStatus, "status"), nullable=False))
    status_reason: str = ""
    secret_box: str | None = None
    health: Health = Field(
        default=Health.SOUND,
        sa_column=Column(words(Health, "health"), nullable=False, server_default=Health.SOUND.value),
    )
    health_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    health_since: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class GroupTag(SQLModel, table=True):
    __tablename__ = "group_tag"
    __table_args__ = (Index("ix_group_tag_tag_key", "tag_key"),)

    group_id: str = Field(primary_key=True, foreign_key="chat_group.id", ondelete="CASCADE")
    tag_key: str = Field(primary_key=True)


class Leader(SQLModel, table=True):
    """One person, known in the center by name. `contact` may be shown; a secret one is whole only in `contact_box`.
    Whoever has `left_at` answers for nothing any more, and is kept for the history that names him."""

    __table_args__ = (UniqueConstraint("center_id", "name_key"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    name: str
    name_key: str
    contact_kind: str
    contact: str = ""
    contact_box: str | None = None
    language: str | None = None
    left_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class Absence(SQLModel, table=True):
    """A leader is away from `from_at` until `until_at`: nothing is handed to him meanwhile, and what he had is passed
    on once, which `relieved_at` records."""

    __table_args__ = (Index("ix_absence_leader_id", "leader_id", "until_at"), Index("ix_absence_from_at", "from_at"))

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    leader_id: str = Field(foreign_key="leader.id", ondelete="CASCADE")
    from_at: datetime = Field(sa_type=Moment)
    until_at: datetime = Field(sa_type=Moment)
    reason: str = ""
    relieved_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)


class Assignment(SQLModel, table=True):
    """A leader answers for a group or for a branch. Rank 0 is the primary, then the deputies in order."""

    __table_args__ = (
        UniqueConstraint("leader_id", "group_id"),
        UniqueConstraint("leader_id", "branch_id"),
        CheckConstraint("(group_id IS NULL) <> (branch_id IS NULL)", name="one_target"),
        Index("ix_assignment_group_id", "group_id", "rank"),
        Index("ix_assignment_branch_id", "branch_id", "rank"),
    )

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    leader_id: str = Field(foreign_key="leader.id", ondelete="CASCADE")
    group_id: str | None = Field(default=None, foreign_key="chat_group.id", ondelete="CASCADE")
    branch_id: str | None = Field(default=None, foreign_key="branch.id", ondelete="CASCADE")
    rank: int = 0


class Headquarters(SQLModel, table=True):
    """A center's top: the person who hears last when nobody else did, and the main group, the one the head posts in
    himself, where hand-offs may be announced. `told_for` is the day for which the head last heard in the morning."""

    center_id: str = Field(primary_key=True, foreign_key="center.id")
    head_id: str | None = Field(default=None, foreign_key="leader.id", ondelete="SET NULL")
    main_group_id: str | None = Field(default=None, foreign_key="chat_group.id", ondelete="SET NULL")
    told_for: str | None = None


class SavedAudience(SQLModel, table=True):
    """Who is meant, under a name. `lists` has `branches`, `tags`, `groups` and `exclude`; what they mean is read
    whenever it is used."""

    __tablename__ = "saved_audience"
    __table_args__ = (UniqueConstraint("center_id", "name_key"),)

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    name: str
    name_key: str
    lists: dict[str, list[str]] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class ImportRun(SQLModel, table=True):
    """One sheet that was read: its counts and what was wrong with it. The sheet itself is not kept."""

    __tablename__ = "import_run"

    id: str = Field(primary_key=True)
    center_id: str = Field(foreign_key="center.id")
    at: datetime = Field(sa_type=Moment)
    actor: str
    filename: str
    dry_run: bool
    counts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
