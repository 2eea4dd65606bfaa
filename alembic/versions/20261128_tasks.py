"""tasks for owners of groups"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op
from app.core.db import Moment

revision: str = "m20261128k01"
down_revision: str | Sequence[str] | None = "w20261128i01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAS = ("announcement", "hand_off", "nudge", "escalation", "correction", "recall", "digest")
NOW = ("announcement", "hand_off", "task", "nudge", "escalation", "correction", "recall", "digest")
STATES = ("asking", "open", "unknown", "withdrawing", "kept", "withdrawn", "ended")
GOING_ON = sa.text("state <> 'ended'")
TO_HAND_OFF_WAS = sa.text("state = 'planned' AND route = 'leader' AND waits_for IS NULL")
TO_HAND_OFF = sa.text("state = 'planned' AND route = 'leader' AND waits_for IS NULL AND asked_by IS NULL")
TO_ASK = sa.text("state = 'planned' AND asked_by IS NOT NULL AND task_id IS NULL AND waits_for IS NULL")
IN_TASK = sa.text("task_id IS NOT NULL")
ASKED = sa.text("asked_by IS NOT NULL")


def check(column: str, words: Sequence[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{word}'" for word in words) + ")"


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind"), check("kind", NOW))
    op.create_table(
        "task",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("leader_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("text_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("recall_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("asked_at", Moment(timezone=True), nullable=True),
        sa.Column("look_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint(check("state", STATES), name=op.f("ck_task_state")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_task_center_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_task_campaign_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_task_account_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["leader.id"], name=op.f("fk_task_leader_id")),
        sa.ForeignKeyConstraint(["text_id"], ["campaign_text.id"], name=op.f("fk_task_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_going_on", "task", ["look_at"], sqlite_where=GOING_ON, postgresql_where=GOING_ON)
    op.create_index("ix_task_campaign_id", "task", ["campaign_id", "leader_id"])
    op.create_index("ix_task_delivery_id", "task", ["delivery_id"])
    op.drop_index("ix_relay_to_hand_off", table_name="relay")
    with op.batch_alter_table("relay") as batch:
        batch.add_column(sa.Column("asked_by", sa.String(), nullable=True))
        batch.add_column(sa.Column("task_id", sa.String(), nullable=True))
        batch.create_foreign_key(op.f("fk_relay_asked_by"), "account", ["asked_by"], ["id"])
        batch.create_foreign_key(op.f("fk_relay_task_id"), "task", ["task_id"], ["id"])
    op.create_index("ix_relay_to_hand_off", "relay", ["starts_at"], sqlite_where=TO_HAND_OFF, postgresql_where=TO_HAND_OFF)
    op.create_index("ix_relay_to_ask", "relay", ["starts_at"], sqlite_where=TO_ASK, postgresql_where=TO_ASK)
    op.create_index("ix_relay_task_id", "relay", ["task_id"], sqlite_where=IN_TASK, postgresql_where=IN_TASK)
    op.create_index("ix_relay_asked_by", "relay", ["group_id"], sqlite_where=ASKED, postgresql_where=ASKED)


def downgrade() -> None:
    for name in ("ix_relay_asked_by", "ix_relay_task_id", "ix_relay_to_ask", "ix_relay_to_hand_off"):
        op.drop_index(name, table_name="relay")
    with op.batch_alter_table("relay") as batch:
        batch.drop_constraint(op.f("fk_relay_task_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_relay_asked_by"), type_="foreignkey")
        batch.drop_column("task_id")
        batch.drop_column("asked_by")
    op.create_index(
        "ix_relay_to_hand_off", "relay", ["starts_at"], sqlite_where=TO_HAND_OFF_WAS, postgresql_where=TO_HAND_OFF_WAS
    )
    op.drop_table("task")
    about = "kind = 'task' OR (of_id IS NOT NULL AND leader_id IS NOT NULL)"
    op.execute(sa.text(f"DELETE FROM attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE {about})"))
    op.execute(sa.text("DELETE FROM delivery WHERE of_id IS NOT NULL AND leader_id IS NOT NULL"))
    op.execute(sa.text("DELETE FROM delivery WHERE kind = 'task'"))
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind"), check("kind", WAS))
