"""since when an account is to its platform who it is"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "sp20261130s01"
down_revision: str | Sequence[str] | None = "cl20261129h01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("account", sa.Column("speaks_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "speaks_since")
