"""unsent letters, by whom they are for"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "un20261129l01"
down_revision: str | Sequence[str] | None = "pr20261128p01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UNSENT = sa.text("state = 'due' AND leader_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_delivery_unsent", "delivery", ["leader_id"], sqlite_where=UNSENT, postgresql_where=UNSENT)


def downgrade() -> None:
    op.drop_index("ix_delivery_unsent", table_name="delivery")
