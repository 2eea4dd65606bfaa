"""kinds and head"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "a20261128a01"
down_revision: str | Sequence[str] | None = "f95135d4983b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAS = ("announcement", "hand_off", "nudge")
NOW = (*WAS, "escalation", "correction", "recall", "digest")


def check(words: Sequence[str]) -> str:
    return "kind IN (" + ", ".join(f"'{word}'" for word in words) + ")"


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind"), check(NOW))
    with op.batch_alter_table("center") as batch:
        batch.add_column(sa.Column("language", sa.String(), nullable=True))
    op.create_table(
        "headquarters",
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("head_id", sa.String(), nullable=True),
        sa.Column("main_group_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_headquarters_center_id")),
        sa.ForeignKeyConstraint(["head_id"], ["leader.id"], name=op.f("fk_headquarters_head_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["main_group_id"], ["chat_group.id"], name=op.f("fk_headquarters_main_group_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("center_id", name=op.f("pk_headquarters")),
    )


def downgrade() -> None:
    op.drop_table("headquarters")
    with op.batch_alter_table("center") as batch:
        batch.drop_column("language")
    later = f"SELECT id FROM delivery WHERE NOT ({check(WAS)})"
    op.execute(sa.text(f"DELETE FROM attempt WHERE delivery_id IN ({later})"))
    op.execute(sa.text(f"DELETE FROM delivery WHERE id IN ({later})"))
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind"), check(WAS))
