"""heard days"""

from collections.abc import Sequence

import sqlalchemy as sa

import app.core.db
from alembic import op

revision: str = "me20261128r01"
down_revision: str | Sequence[str] | None = "me20261128p02"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "heard_day",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("leader_id", sa.String(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("last_at", app.core.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["chat_group.id"], name=op.f("fk_heard_day_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["leader_id"], ["leader.id"], name=op.f("fk_heard_day_leader_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("group_id", "day", "person", name=op.f("pk_heard_day")),
    )
    op.create_index("ix_heard_day_day", "heard_day", ["day"])


def downgrade() -> None:
    op.drop_table("heard_day")
