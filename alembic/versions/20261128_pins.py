"""pins"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "me20261128p02"
down_revision: str | Sequence[str] | None = "me20261128p01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAS = ("announcement", "hand_off", "task", "nudge", "escalation", "correction", "recall", "digest")
NOW = (*WAS, "pin")
TABLES = ("campaign", "campaign_text")


def check(words: Sequence[str]) -> str:
    return "kind IN (" + ", ".join(f"'{word}'" for word in words) + ")"


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind"), check(NOW))
    for table in TABLES:
        op.add_column(table, sa.Column("pin", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "pin")
    later = f"SELECT id FROM delivery WHERE NOT ({check(WAS)})"
    op.execute(sa.text(f"DELETE FROM attempt WHERE delivery_id IN ({later})"))
    op.execute(sa.text(f"DELETE FROM delivery WHERE id IN ({later})"))
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind"), check(WAS))
