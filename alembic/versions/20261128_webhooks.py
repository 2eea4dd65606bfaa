"""webhooks"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "ac20261128wh1"
down_revision: str | Sequence[str] | None = "a20261128t01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EVENTS = (
    *("campaign.scheduled", "campaign.started", "campaign.paused", "campaign.cancelled", "campaign.pending_approval"),
    *("campaign.finished", "relay.relayed", "relay.missed", "relay.failed", "relay.uncertain", "ping"),
)
STATES = ("due", "told", "given_up")
DUE = "state = 'due'"


def one_of(column: str, words: Sequence[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{word}'" for word in words) + ")"


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def word(name: str) -> sa.Column:
    return sa.Column(name, sa.String(length=32), nullable=False)


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("secret_box", sa.String(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(), nullable=False),
        moment("since_at"),
        moment("failing_since", nullable=True),
        moment("created_at"),
        moment("updated_at"),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_webhook_center_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_center_id"), "webhook", ["center_id", "id"])
    op.create_table(
        "webhook_notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        word("event"),
        sa.Column("body", sa.JSON(), nullable=False),
        word("state"),
        moment("due_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        moment("created_at"),
        sa.CheckConstraint(one_of("event", EVENTS), name=op.f("ck_webhook_notice_event")),
        sa.CheckConstraint(one_of("state", STATES), name=op.f("ck_webhook_notice_state")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_notice_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_notice")),
    )
    where = {"sqlite_where": sa.text(DUE), "postgresql_where": sa.text(DUE)}
    op.create_index(op.f("ix_webhook_notice_due_at"), "webhook_notice", ["due_at"], **where)
    op.create_index(op.f("ix_webhook_notice_webhook_id"), "webhook_notice", ["webhook_id", "id"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("notice_id", sa.String(), nullable=False),
        word("event"),
        sa.Column("number", sa.Integer(), nullable=False),
        moment("at"),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.CheckConstraint(one_of("event", EVENTS), name=op.f("ck_webhook_attempt_event")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_attempt_webhook_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["webhook_notice.id"], name=op.f("fk_webhook_attempt_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
    )
    op.create_index(op.f("ix_webhook_attempt_webhook_id"), "webhook_attempt", ["webhook_id", "id"])
    op.create_table(
        "webhook_cursor",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhook_cursor")),
    )


def downgrade() -> None:
    for table in ("webhook_cursor", "webhook_attempt", "webhook_notice", "webhook"):
        op.drop_table(table)
