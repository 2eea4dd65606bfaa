"""lasting"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op
from app.core.db import Moment

revision: str = "b20261128b01"
down_revision: str | Sequence[str] | None = "a20261128a01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_confirmation_leader_id", "confirmation", ["leader_id", "relay_id"])
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


def downgrade() -> None:
    op.drop_table("saved_audience")
    op.drop_index("ix_confirmation_leader_id", table_name="confirmation")
