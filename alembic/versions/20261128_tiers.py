"""tiers and quorums"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op
from app.core.db import Moment

revision: str = "a20261128t01"
down_revision: str | Sequence[str] | None = "pg20261128a01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CASCADE = "cascade IN ('at_once', 'tier_by_tier')"
CLOSED = sa.text("state IN ('waiting', 'told')")
TO_JUDGE = sa.text("state = 'waiting'")
HELD = sa.text("waits_for IS NOT NULL")
TO_HAND_OFF_WAS = sa.text("state = 'planned' AND route = 'leader'")
TO_HAND_OFF = sa.text("state = 'planned' AND route = 'leader' AND waits_for IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("cascade", sa.String(length=32), nullable=False, server_default="at_once"))
        batch.add_column(sa.Column("quorum", sa.JSON(), nullable=False, server_default="[]"))
        batch.create_check_constraint(op.f("ck_campaign_cascade"), CASCADE)
    op.create_table(
        "tier",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("branch_id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("leader_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("starts_at", Moment(timezone=True), nullable=False),
        sa.Column("until_at", Moment(timezone=True), nullable=False),
        sa.Column("told_at", Moment(timezone=True), nullable=True),
        sa.Column("ended_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'told', 'read', 'passed')", name=op.f("ck_tier_state")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_tier_center_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_tier_campaign_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_tier_branch_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["tier.id"], name=op.f("fk_tier_parent_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["leader.id"], name=op.f("fk_tier_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier")),
        sa.UniqueConstraint("campaign_id", "branch_id", name=op.f("uq_tier_campaign_id_branch_id")),
    )
    op.create_index("ix_tier_closed", "tier", ["campaign_id"], sqlite_where=CLOSED, postgresql_where=CLOSED)
    op.create_index("ix_tier_leader_id", "tier", ["leader_id", "campaign_id"])
    op.create_table(
        "quorum_alarm",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("branch_id", sa.String(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("judged_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'reached', 'missed')", name=op.f("ck_quorum_alarm_state")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_quorum_alarm_center_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_quorum_alarm_campaign_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_quorum_alarm_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quorum_alarm")),
    )
    op.create_index("ix_quorum_alarm_campaign_id", "quorum_alarm", ["campaign_id"])
    op.create_index("ix_quorum_alarm_due_at", "quorum_alarm", ["due_at"], sqlite_where=TO_JUDGE, postgresql_where=TO_JUDGE)
    op.drop_index("ix_relay_to_hand_off", table_name="relay")
    with op.batch_alter_table("relay") as batch:
        batch.add_column(sa.Column("waits_for", sa.String(), nullable=True))
        batch.create_foreign_key(op.f("fk_relay_waits_for"), "tier", ["waits_for"], ["id"])
    op.create_index("ix_relay_to_hand_off", "relay", ["starts_at"], sqlite_where=TO_HAND_OFF, postgresql_where=TO_HAND_OFF)
    op.create_index("ix_relay_waits_for", "relay", ["waits_for"], sqlite_where=HELD, postgresql_where=HELD)


def downgrade() -> None:
    op.drop_index("ix_relay_waits_for", table_name="relay")
    op.drop_index("ix_relay_to_hand_off", table_name="relay")
    with op.batch_alter_table("relay") as batch:
        batch.drop_constraint(op.f("fk_relay_waits_for"), type_="foreignkey")
        batch.drop_column("waits_for")
    op.create_index(
        "ix_relay_to_hand_off", "relay", ["starts_at"], sqlite_where=TO_HAND_OFF_WAS, postgresql_where=TO_HAND_OFF_WAS
    )
    op.drop_table("quorum_alarm")
    op.drop_table("tier")
    with op.batch_alter_table("campaign") as batch:
        batch.drop_constraint(op.f("ck_campaign_cascade"), type_="check")
        batch.drop_column("quorum")
        batch.drop_column("cascade")
