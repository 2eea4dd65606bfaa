"""holders"""

from collections.abc import Sequence

import sqlalchemy as sa

import app.core.db
from alembic import op

revision: str = "a20261128b02"
down_revision: str | Sequence[str] | None = "a20261128a01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("proof_percent", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("leader") as batch:
        batch.add_column(sa.Column("left_at", app.core.db.Moment(timezone=True), nullable=True))
    op.create_table(
        "absence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("leader_id", sa.String(), nullable=False),
        sa.Column("from_at", app.core.db.Moment(timezone=True), nullable=False),
        sa.Column("until_at", app.core.db.Moment(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("relieved_at", app.core.db.Moment(timezone=True), nullable=True),
        sa.Column("created_at", app.core.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_absence_center_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["leader.id"], name=op.f("fk_absence_leader_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_leader_id", "absence", ["leader_id", "until_at"])
    op.create_index("ix_absence_from_at", "absence", ["from_at"])
    op.create_table(
        "holding",
        sa.Column("relay_id", sa.String(), nullable=False),
        sa.Column("leader_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("since", app.core.db.Moment(timezone=True), nullable=False),
        sa.Column("until", app.core.db.Moment(timezone=True), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "part IN ('primary', 'deputy', 'branch_leader', 'head')", name=op.f("ck_holding_part")
        ),
        sa.ForeignKeyConstraint(["relay_id"], ["relay.id"], name=op.f("fk_holding_relay_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["leader.id"], name=op.f("fk_holding_leader_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_holding_campaign_id")),
        sa.PrimaryKeyConstraint("relay_id", "leader_id", name=op.f("pk_holding")),
    )
    op.create_index("ix_holding_leader_id", "holding", ["leader_id", "campaign_id"])


def downgrade() -> None:
    op.drop_table("holding")
    op.drop_table("absence")
    with op.batch_alter_table("leader") as batch:
        batch.drop_column("left_at")
    with op.batch_alter_table("campaign") as batch:
        batch.drop_column("proof_percent")
