"""what stops something, and what it waits for, are two gates"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "ga20261130g01"
down_revision: str | Sequence[str] | None = "sp20261130s01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("gate", sa.Column("hold", sa.String(length=32), nullable=True))
    op.execute("UPDATE gate SET hold = CASE WHEN until IS NULL THEN 'stop' ELSE 'wait' END")
    with op.batch_alter_table("gate") as batch:
        batch.alter_column("hold", existing_type=sa.String(length=32), nullable=False)
        batch.drop_constraint(op.f("pk_gate"), type_="primary")
        batch.create_primary_key(op.f("pk_gate"), ["subject", "hold"])
        batch.create_check_constraint(op.f("ck_gate_hold"), "hold IN ('stop', 'wait')")


def downgrade() -> None:
    op.execute("DELETE FROM gate WHERE hold = 'wait' AND subject IN (SELECT subject FROM gate WHERE hold = 'stop')")
    with op.batch_alter_table("gate") as batch:
        batch.drop_constraint(op.f("ck_gate_hold"), type_="check")
        batch.drop_constraint(op.f("pk_gate"), type_="primary")
        batch.create_primary_key(op.f("pk_gate"), ["subject"])
        batch.drop_column("hold")
