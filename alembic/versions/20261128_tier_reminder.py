"""a regional leader hears once more of what waits for him

Revision ID: r20261128t01
Revises: p20261128s01
"""

from collections.abc import Sequence

import sqlalchemy as sa

import app.core.db
from alembic import op

revision: str = "r20261128t01"
down_revision: str | Sequence[str] | None = "p20261128s01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("tier", sa.Column("remind_at", app.core.db.Moment(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("tier", "remind_at")
