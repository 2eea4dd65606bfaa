"""Whom a group could be given to, and which phones know a leader."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.directory.tables import Assignment, Leader
from app.domain.links.tables import Phone

MOST = 300


@dataclass(frozen=True)
class Candidate:
    """`near` says that the group is among those this leader is assigned to."""

    id: str
    name: str
    near: bool


async def candidates(tx: Tx, center_id: str, group_id: str, *, but: str | None) -> list[Candidate]:
    """The center's leaders, except the one who has it; those assigned to the group come first."""
    near = exists().where(col(Assignment.leader_id) == col(Leader.id), col(Assignment.group_id) == group_id)
    rows = await tx.table(
        select(col(Leader.id), col(Leader.name), near.label("near"))
        .where(col(Leader.center_id) == center_id, col(Leader.id) != (but or ""), col(Leader.left_at).is_(None))
        .order_by(near.desc(), col(Leader.name_key))
        .limit(MOST)
    )
    return [Candidate(row.id, row.name, bool(row.near)) for row in rows]


async def known_phones(tx: Tx, leader_id: str) -> list[datetime]:
    """When each phone that knows this leader again was enrolled, the newest first."""
    mine = (col(Phone.leader_id) == leader_id, col(Phone.revoked_at).is_(None))
    rows = await tx.table(select(col(Phone.created_at)).where(*mine).order_by(col(Phone.created_at).desc()))
    return [row.created_at for row in rows]
