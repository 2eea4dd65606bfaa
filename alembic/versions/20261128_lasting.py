"""lasting"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op
from app.core.db import Moment

revision: str = "b20261128b01"
down_revision: str | Sequence[str] | None = "a20261128d01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "saved_audience",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("updated_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_saved_audience_center_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_audience")),
        sa.UniqueConstraint("center_id", "name_key", name=op.f("uq_saved_audience_center_id_name_key")),
    )
    with op.batch_alter_table("chat_group") as batch:
        batch.add_column(sa.Column("activity", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("leader_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact_box", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("answered_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_invitation_state")
        ),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_invitation_center_id")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["chat_group.id"], name=op.f("fk_invitation_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["leader_id"], ["leader.id"], name=op.f("fk_invitation_leader_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
    )
    op.create_index("ix_invitation_group_id", "invitation", ["group_id", "id"])
    op.add_column("headquarters", sa.Column("told_for", sa.String(), nullable=True))
    op.add_column("campaign", sa.Column("digested_at", Moment(timezone=True), nullable=True))
    undigested = sa.text("digested_at IS NULL AND ends_at IS NOT NULL")
    op.create_index(
        "ix_campaign_ends_at", "campaign", ["ends_at"], sqlite_where=undigested, postgresql_where=undigested
    )


def downgrade() -> None:
    op.drop_index("ix_campaign_ends_at", table_name="campaign")
    op.drop_column("campaign", "digested_at")
    op.drop_column("headquarters", "told_for")
    op.drop_table("invitation")
    with op.batch_alter_table("chat_group") as batch:
        batch.drop_column("activity")
    op.drop_table("saved_audience")
