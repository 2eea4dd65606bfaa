"""What somebody sees who was invited to answer for a group."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.directory.tables import Branch, Group
from app.domain.invitations.states import State
from app.domain.invitations.tables import Invitation


@dataclass(frozen=True)
class InvitationPage:
    """`branch` is the group's path, empty for none; `timezone` the group's or the center's."""

    name: str
    center: str
    group: str
    branch: str
    members: int | None
    state: State
    expires_at: datetime
    timezone: str | None
    now: datetime


async def invitation_page(tx: Tx, invitation_id: str) -> InvitationPage:
    query = (
        select(*(col(getattr(Invitation, name)) for name in ("name", "state", "expires_at")))
        .add_columns(col(Center.name).label("center"), col(Group.name).label("group"), col(Branch.path))
        .add_columns(col(Group.members), func.coalesce(col(Group.timezone), col(Center.timezone)).label("zone"))
        .join(Center, col(Center.id) == col(Invitation.center_id))
        .join(Group, col(Group.id) == col(Invitation.group_id))
        .outerjoin(Branch, col(Branch.id) == col(Group.branch_id))
        .where(col(Invitation.id) == invitation_id)
    )
    [row] = await tx.table(query)
    return InvitationPage(
        name=row.name,
        center=row.center,
        group=row.group,
        branch=row.path or "",
        members=row.members,
        state=row.state,
        expires_at=row.expires_at,
        timezone=row.zone,
        now=tx.now,
    )
