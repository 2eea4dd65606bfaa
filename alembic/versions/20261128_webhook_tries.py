"""webhook tries"""

from collections.abc import Sequence

from alembic import op

revision: str = "w20261128i01"
down_revision: str | Sequence[str] | None = "r20261128t01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(op.f("ix_webhook_attempt_notice_id"), "webhook_attempt", ["notice_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_webhook_attempt_notice_id"), table_name="webhook_attempt")
