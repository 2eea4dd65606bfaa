"""proof codes, and reminders that speak of several campaigns"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "pg20261128a01"
down_revision: str | Sequence[str] | None = "a20261128u01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("proof", sa.String(), nullable=False, server_default="words"))
        batch.create_check_constraint(op.f("ck_campaign_proof"), "proof IN ('words', 'code')")
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("also", sa.String(), nullable=True))
    merged = sa.text("state = 'due' AND also IS NOT NULL")
    op.create_index("ix_delivery_merged", "delivery", ["leader_id"], sqlite_where=merged, postgresql_where=merged)


def downgrade() -> None:
    op.drop_index("ix_delivery_merged", table_name="delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("also")
    with op.batch_alter_table("campaign") as batch:
        batch.drop_constraint(op.f("ck_campaign_proof"), type_="check")
        batch.drop_column("proof")
