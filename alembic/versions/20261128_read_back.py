"""read back"""

from collections.abc import Sequence

import sqlalchemy as sa

import app.core.db
from alembic import op

revision: str = "ag20261128b01"
down_revision: str | Sequence[str] | None = "me20261128r01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

IN_DOUBT = sa.text("state = 'uncertain'")


def upgrade() -> None:
    op.create_table(
        "read_back",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("next_at", app.core.db.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_read_back_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_read_back")),
    )
    op.create_index(
        "ix_delivery_in_doubt", "delivery", ["account_id"], sqlite_where=IN_DOUBT, postgresql_where=IN_DOUBT
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_in_doubt", "delivery")
    op.drop_table("read_back")
