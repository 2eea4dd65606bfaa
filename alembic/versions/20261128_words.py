"""the words of a campaign as each platform needs them"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "a20261128w01"
down_revision: str | Sequence[str] | None = "a20261128e01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ADDED = {
    "campaign": [("mention_all", sa.Boolean(), sa.false()), ("split", sa.Boolean(), sa.true())],
    "campaign_text": [("mention_all", sa.Boolean(), sa.false()), ("markdown", sa.Boolean(), sa.false())],
}
"""The columns, and what goes for rows that stand already."""
FORMATTED = ("campaign", "script_version")
LATER = "part > 0"


def upgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name, kind, standing in columns:
                batch.add_column(sa.Column(name, kind, nullable=False, server_default=standing))
        with op.batch_alter_table(table) as batch:
            for name, _, _ in columns:
                batch.alter_column(name, server_default=None)
    for table in FORMATTED:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("format", sa.String(32), nullable=False, server_default="plain"))
            batch.create_check_constraint(op.f(f"ck_{table}_format"), "format IN ('plain', 'markdown')")
        with op.batch_alter_table(table) as batch:
            batch.alter_column("format", server_default=None)
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("following", sa.String(), nullable=True))


def downgrade() -> None:
    op.execute(sa.text(f"DELETE FROM attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE {LATER})"))
    op.execute(sa.text(f"DELETE FROM delivery WHERE {LATER}"))
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("following")
    for table in FORMATTED:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_format"), type_="check")
            batch.drop_column("format")
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name, _, _ in columns:
                batch.drop_column(name)
