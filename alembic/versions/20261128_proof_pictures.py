"""proof pictures"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "pr20261128p01"
down_revision: str | Sequence[str] | None = "ag20261128c01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SHOWN = sa.text("picture_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("confirmation") as batch:
        batch.add_column(sa.Column("picture_id", sa.String(), nullable=True))
        batch.create_foreign_key(op.f("fk_confirmation_picture_id"), "picture", ["picture_id"], ["id"])
    op.create_index(
        "ix_confirmation_picture_id", "confirmation", ["picture_id"], sqlite_where=SHOWN, postgresql_where=SHOWN
    )


def downgrade() -> None:
    op.drop_index("ix_confirmation_picture_id", table_name="confirmation")
    with op.batch_alter_table("confirmation") as batch:
        batch.drop_constraint(op.f("fk_confirmation_picture_id"), type_="foreignkey")
        batch.drop_column("picture_id")
