"""lasting"""

from collections.abc import Sequence

from alembic import op

revision: str = "b20261128b01"
down_revision: str | Sequence[str] | None = "a20261128a01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_confirmation_leader_id", "confirmation", ["leader_id", "relay_id"])


def downgrade() -> None:
    op.drop_index("ix_confirmation_leader_id", table_name="confirmation")
