"""picture keys"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "ag20261128c01"
down_revision: str | Sequence[str] | None = "br20261128o01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PICTURED = sa.text("picture_id IS NOT NULL")
TABLES = ("campaign", "campaign_text")


def upgrade() -> None:
    for table in TABLES:
        name = f"ix_{table}_picture_id"
        op.create_index(name, table, ["picture_id"], sqlite_where=PICTURED, postgresql_where=PICTURED)


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_picture_id", table_name=table)
