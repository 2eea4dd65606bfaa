"""pace keys"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "a20261128p01"
down_revision: str | Sequence[str] | None = "a20261128w01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("pace_key", sa.String(), nullable=True))
    op.create_index(op.f("ix_account_pace_key"), "account", ["pace_key"])


def downgrade() -> None:
    op.drop_index(op.f("ix_account_pace_key"), table_name="account")
    with op.batch_alter_table("account") as batch:
        batch.drop_column("pace_key")
