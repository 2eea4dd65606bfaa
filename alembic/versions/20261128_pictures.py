"""pictures"""

from collections.abc import Sequence

import sqlalchemy as sa

import app.core.db
from alembic import op

revision: str = "me20261128p01"
down_revision: str | Sequence[str] | None = "m20261128k01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAMED_BY = ("campaign", "campaign_text")


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", app.core.db.Moment(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('png', 'jpeg')", name=op.f("ck_picture_kind")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_picture_center_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
    )
    op.create_index("ix_picture_created_at", "picture", ["created_at"])
    for table in NAMED_BY:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("picture_id", sa.String(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_picture_id"), "picture", ["picture_id"], ["id"])


def downgrade() -> None:
    for table in reversed(NAMED_BY):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_picture_id"), type_="foreignkey")
            batch.drop_column("picture_id")
    op.drop_table("picture")
