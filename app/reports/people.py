"""Whom a group could be given to."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.directory.tables import Assignment, Leader

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
