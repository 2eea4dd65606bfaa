"""afterwards"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "a20261128d01"
down_revision: str | Sequence[str] | None = "a20261128c03"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MODES = "mode IN ('auto', 'edit', 'follow_up')"
STATES = "state IN ('wanted', 'begun', 'asked', 'impossible', 'done')"
RECALLS = sa.text("state = 'due' AND kind = 'recall'")
CORRECTS = sa.text("corrects_id IS NOT NULL")
WANTED = sa.text("state = 'wanted'")
SUBJECTS = "subject IN ({})"
SUBJECTS_WERE = "'campaign', 'relay', 'delivery'"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("of_id", sa.String(), nullable=True))
        batch.create_foreign_key(op.f("fk_delivery_of_id"), "delivery", ["of_id"], ["id"])
    some = {"sqlite_where": RECALLS, "postgresql_where": RECALLS}
    op.create_index(op.f("ix_delivery_recall"), "delivery", ["account_id", "campaign_id"], **some)
    with op.batch_alter_table("campaign") as batch:
        for name in ("corrects_id", "mode", "sealed", "approved_by", "rejection"):
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
        batch.add_column(sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_foreign_key(op.f("fk_campaign_corrects_id"), "campaign", ["corrects_id"], ["id"])
        batch.create_check_constraint(op.f("ck_campaign_mode"), MODES)
    some = {"sqlite_where": CORRECTS, "postgresql_where": CORRECTS}
    op.create_index(op.f("ix_campaign_corrects_id"), "campaign", ["corrects_id"], **some)
    with op.batch_alter_table("center") as batch:
        batch.add_column(sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in ("campaign", "center"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("needs_approval", server_default=None)
    _create_recall()
    _subjects(f"{SUBJECTS_WERE}, 'recall'")


def _create_recall() -> None:
    op.create_table(
        "recall",
        sa.Column("relay_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("look_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_recall_state")),
        sa.ForeignKeyConstraint(["relay_id"], ["relay.id"], name=op.f("fk_recall_relay_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_recall_campaign_id")),
        sa.PrimaryKeyConstraint("relay_id", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_campaign_id"), "recall", ["campaign_id", "state", "relay_id"])
    some = {"sqlite_where": WANTED, "postgresql_where": WANTED}
    op.create_index(op.f("ix_recall_look_at"), "recall", ["look_at"], **some)


def _subjects(words: str) -> None:
    with op.batch_alter_table("journal") as batch:
        batch.drop_constraint(op.f("ck_journal_subject"), type_="check")
        batch.create_check_constraint(op.f("ck_journal_subject"), SUBJECTS.format(words))


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM journal WHERE subject = 'recall'"))
    _subjects(SUBJECTS_WERE)
    op.drop_table("recall")
    with op.batch_alter_table("center") as batch:
        batch.drop_column("needs_approval")
    op.drop_index(op.f("ix_campaign_corrects_id"), "campaign")
    with op.batch_alter_table("campaign") as batch:
        batch.drop_constraint(op.f("ck_campaign_mode"), type_="check")
        batch.drop_constraint(op.f("fk_campaign_corrects_id"), type_="foreignkey")
        for name in ("corrects_id", "mode", "sealed", "approved_by", "rejection", "needs_approval"):
            batch.drop_column(name)
    op.drop_index(op.f("ix_delivery_recall"), "delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("fk_delivery_of_id"), type_="foreignkey")
        batch.drop_column("of_id")
