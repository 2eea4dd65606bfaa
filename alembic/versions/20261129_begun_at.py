"""since when a delivery's words may stand"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "bg20261129b01"
down_revision: str | Sequence[str] | None = "ke20261129k01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True))
    # What has gone out without an answer was first said at its creation at the earliest.
    op.execute("UPDATE delivery SET begun_at = created_at WHERE resends > 0 AND state IN ('due', 'sending')")


def downgrade() -> None:
    op.drop_column("delivery", "begun_at")
