"""omitted"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "br20261128o01"
down_revision: str | Sequence[str] | None = "ag20261128b01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("omits", sa.String(), nullable=True))
    where = sa.text("omits IS NOT NULL")
    op.create_index("ix_delivery_omits", "delivery", ["id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_delivery_omits", table_name="delivery")
    op.drop_column("delivery", "omits")
