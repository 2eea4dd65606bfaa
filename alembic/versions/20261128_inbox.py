"""inbox"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "a20261128e01"
down_revision: str | Sequence[str] | None = "b20261128c01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MATTERS = ("gone", "back", "moved", "said", "delivered", "failed", "read")
TEXTS = ("moved_to", "code", "person", "text", "message_id", "reply_to", "delivery_id")


def one_of(column: str, words: Sequence[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{word}'" for word in words) + ")"


def some(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(op.f(name), table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    with op.batch_alter_table("chat_group") as batch:
        batch.add_column(sa.Column("health", sa.String(length=32), nullable=False, server_default="sound"))
        batch.add_column(sa.Column("health_reason", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("health_since", sa.DateTime(timezone=True), nullable=True))
        batch.create_check_constraint(op.f("ck_chat_group_health"), one_of("health", ("sound", "gone")))
    some("ix_chat_group_gone", "chat_group", ["center_id"], "health = 'gone'")
    op.create_table(
        "inbound_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("matter", sa.String(length=32), nullable=False),
        sa.Column("address_keys", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("group_id", sa.String(), nullable=True),
        sa.Column("leader_id", sa.String(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False, server_default=""),
        sa.CheckConstraint(one_of("matter", MATTERS), name=op.f("ck_inbound_event_matter")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_inbound_event_center_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbound_event_account_id")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["chat_group.id"], name=op.f("fk_inbound_event_group_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["leader.id"], name=op.f("fk_inbound_event_leader_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_event")),
        sa.UniqueConstraint("account_id", "event_key", name=op.f("uq_inbound_event_account_id_event_key")),
    )
    op.create_index(op.f("ix_inbound_event_account_id"), "inbound_event", ["account_id", "id"])
    some("ix_inbound_event_due_at", "inbound_event", ["due_at", "id"], "handled_at IS NULL")
    some("ix_inbound_event_group_id", "inbound_event", ["group_id", "received_at"], "group_id IS NOT NULL")
    some("ix_inbound_event_leader_id", "inbound_event", ["leader_id", "received_at"], "leader_id IS NOT NULL")


def downgrade() -> None:
    op.drop_table("inbound_event")
    op.drop_index(op.f("ix_chat_group_gone"), table_name="chat_group")
    with op.batch_alter_table("chat_group") as batch:
        batch.drop_constraint(op.f("ck_chat_group_health"), type_="check")
        batch.drop_column("health_since")
        batch.drop_column("health_reason")
        batch.drop_column("health")
