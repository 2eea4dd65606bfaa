"""phones"""

from collections.abc import Sequence

import sqlalchemy as sa

import app.core.db
from alembic import op

revision: str = "a20261128c03"
down_revision: str | Sequence[str] | None = "a20261128b02"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, app.core.db.Moment(timezone=True), nullable=nullable)


def text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "shared_link",
        text("id"),
        text("center_id"),
        text("campaign_id"),
        text("digest"),
        moment("created_at"),
        moment("expires_at"),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_shared_link_center_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_shared_link_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_link")),
    )
    op.create_index("ix_shared_link_campaign_id", "shared_link", ["campaign_id"])
    op.create_table(
        "phone",
        text("id"),
        text("center_id"),
        text("leader_id"),
        text("digest"),
        moment("created_at"),
        moment("revoked_at", nullable=True),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_phone_center_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["leader.id"], name=op.f("fk_phone_leader_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
    )
    op.create_index("ix_phone_leader_id", "phone", ["leader_id"])
    op.create_table(
        "personal_code",
        text("leader_id"),
        text("center_id"),
        text("digest"),
        moment("created_at"),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_personal_code_center_id")),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["leader.id"], name=op.f("fk_personal_code_leader_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("leader_id", name=op.f("pk_personal_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_personal_code_digest")),
    )


def downgrade() -> None:
    op.drop_table("personal_code")
    op.drop_table("phone")
    op.drop_table("shared_link")
