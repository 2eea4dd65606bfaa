"""no keys beside those that say the same, and the tree from an index"""

from collections.abc import Sequence

from alembic import op

revision: str = "ke20261129k01"
down_revision: str | Sequence[str] | None = "un20261129l01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEYS = {
    "relay": {"center_id": "center"},
    "delivery": {"center_id": "center", "campaign_id": "campaign"},
}


def upgrade() -> None:
    op.create_index("ix_relay_tree", "relay", ["campaign_id", "state", "branch_id"])
    for table, keys in KEYS.items():
        with op.batch_alter_table(table) as batch:
            for column in keys:
                batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")


def downgrade() -> None:
    for table, keys in KEYS.items():
        with op.batch_alter_table(table) as batch:
            for column, of in keys.items():
                batch.create_foreign_key(op.f(f"fk_{table}_{column}"), of, [column], ["id"])
    op.drop_index("ix_relay_tree", table_name="relay")
