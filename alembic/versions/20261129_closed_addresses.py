"""addresses that are never to be called again"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "cl20261129h01"
down_revision: str | Sequence[str] | None = "rb20261129k01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_chat_group_gone"


def upgrade() -> None:
    _put("health IN ('sound', 'gone', 'closed')", among=sa.text("health <> 'sound'"))


def downgrade() -> None:
    op.execute("UPDATE chat_group SET health = 'gone' WHERE health = 'closed'")
    _put("health IN ('sound', 'gone')", among=sa.text("health = 'gone'"))


def _put(words: str, *, among: sa.TextClause) -> None:
    op.drop_index(NAME, table_name="chat_group")
    with op.batch_alter_table("chat_group") as batch:
        batch.drop_constraint(op.f("ck_chat_group_health"), type_="check")
        batch.create_check_constraint(op.f("ck_chat_group_health"), words)
    op.create_index(NAME, "chat_group", ["center_id"], sqlite_where=among, postgresql_where=among)
