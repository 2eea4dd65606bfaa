"""shares"""

from collections.abc import Sequence

import sqlalchemy as sa

import app.core.db
from alembic import op

revision: str = "p20261128s01"
down_revision: str | Sequence[str] | None = "ac20261128wh1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, app.core.db.Moment(timezone=True), nullable=nullable)


def text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "report_share",
        text("id"),
        text("center_id"),
        text("campaign_id"),
        text("public_id"),
        text("digest"),
        sa.Column("names", sa.Boolean(), nullable=False),
        moment("created_at"),
        text("created_by"),
        moment("expires_at"),
        moment("revoked_at", nullable=True),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_report_share_center_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_report_share_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_share")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_share_public_id")),
    )
    op.create_index("ix_report_share_campaign_id", "report_share", ["campaign_id", "id"])


def downgrade() -> None:
    op.drop_table("report_share")
