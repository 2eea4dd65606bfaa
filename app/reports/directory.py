"""The directory as it is looked at: who answers for what, and how much hangs where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.core import paging
from app.core.db import Tx
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.reports.orphans import nobody_answers


@dataclass(frozen=True)
class Place:
    """Where a group hangs, and the name of the first who answers for it by name."""

    path: str = ""
    leader_id: str | None = None
    leader: str = ""


@dataclass(frozen=True)
class Node:
    """One branch: how deep it lies, what hangs in it itself, and who answers for it, the first in line first."""

    id: str
    name: str
    path: str
    depth: int
    groups: int
    people: tuple[tuple[str, str], ...]


async def places(tx: Tx, center_id: str, group_ids: Sequence[str]) -> dict[str, Place]:
    """Of one page of groups."""
    rows = await tx.table(
        select(col(Group.id), col(Branch.path), col(Leader.id).label("leader_id"), col(Leader.name).label("leader"))
        .outerjoin(Branch, col(Branch.id) == col(Group.branch_id))
        .outerjoin(Assignment, col(Assignment.group_id) == col(Group.id))
        .outerjoin(Leader, col(Leader.id) == col(Assignment.leader_id))
        .where(col(Group.center_id) == center_id, col(Group.id).in_(group_ids))
        .order_by(col(Assignment.rank).desc(), col(Assignment.id).desc())
    )
    return {row.id: Place(row.path or "", row.leader_id, row.leader or "") for row in rows}


async def answering(tx: Tx, center_id: str, *, group_id: str = "", branch_id: str = "") -> list[Any]:
    """(id, rank, leader_id, name, left_at) of the assignments to a group or a branch, the first in line first."""
    target = col(Assignment.group_id) == group_id if group_id else col(Assignment.branch_id) == branch_id
    return await tx.table(
        select(
            col(Assignment.id),
            col(Assignment.rank),
            col(Assignment.leader_id),
            col(Leader.name),
            col(Leader.left_at),
        )
        .join(Leader, col(Leader.id) == col(Assignment.leader_id))
        .where(col(Assignment.center_id) == center_id, target)
        .order_by(col(Assignment.rank), col(Assignment.id))
    )


async def answers_for(tx: Tx, center_id: str, leader_id: str, *, limit: int, cursor: str | None) -> paging.Page[Any]:
    """(id, rank, group_id, group, branch_id, branch) of what a leader is assigned to."""
    rows = await tx.table(
        select(
            col(Assignment.id),
            col(Assignment.rank),
            col(Assignment.group_id),
            col(Group.name).label("group"),
            col(Assignment.branch_id),
            col(Branch.path).label("branch"),
        )
        .outerjoin(Group, col(Group.id) == col(Assignment.group_id))
        .outerjoin(Branch, col(Branch.id) == col(Assignment.branch_id))
        .where(
            col(Assignment.center_id) == center_id,
            col(Assignment.leader_id) == leader_id,
            col(Assignment.id) > (paging.decode(cursor) or ""),
        )
        .order_by(col(Assignment.id))
        .limit(limit + 1)
    )
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def held(tx: Tx, center_id: str, leader_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many groups and how many branches each of these leaders is assigned to."""
    rows = await tx.table(
        select(
            col(Assignment.leader_id),
            func.count(col(Assignment.group_id)).label("groups"),
            func.count(col(Assignment.branch_id)).label("branches"),
        )
        .where(col(Assignment.center_id) == center_id, col(Assignment.leader_id).in_(leader_ids))
        .group_by(col(Assignment.leader_id))
    )
    return {row.leader_id: (row.groups, row.branches) for row in rows}


async def alone(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Any]:
    """(id, name, platform, path) of active groups nobody answers for."""
    conditions = await nobody_answers(tx, center_id)
    rows = await tx.table(
        select(col(Group.id), col(Group.name), col(Group.platform), col(Branch.path))
        .outerjoin(Branch, col(Branch.id) == col(Group.branch_id))
        .where(*conditions, col(Group.id) > (paging.decode(cursor) or ""))
        .order_by(col(Group.id))
        .limit(limit + 1)
    )
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def nodes(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Node]:
    """The tree from the top, each branch before what hangs below it."""
    rows = await tx.table(
        select(col(Branch.id), col(Branch.name), col(Branch.path), col(Branch.path_key))
        .where(col(Branch.center_id) == center_id, col(Branch.path_key) > (paging.decode(cursor) or ""))
        .order_by(col(Branch.path_key))
        .limit(limit + 1)
    )
    shown = rows[:limit]
    ids = [row.id for row in shown]
    counted = await tx.table(
        select(col(Group.branch_id), func.count().label("count"))
        .where(col(Group.branch_id).in_(ids), col(Group.status) != GroupStatus.ARCHIVED)
        .group_by(col(Group.branch_id))
    )
    groups = {row.branch_id: row.count for row in counted}
    people: dict[str, list[tuple[str, str]]] = {}
    for row in await tx.table(
        select(col(Assignment.branch_id), col(Leader.id), col(Leader.name))
        .join(Leader, col(Leader.id) == col(Assignment.leader_id))
        .where(col(Assignment.branch_id).in_(ids))
        .order_by(col(Assignment.rank), col(Assignment.id))
    ):
        people.setdefault(row.branch_id, []).append((row.id, row.name))
    found = [
        Node(row.id, row.name, row.path, row.path.count("/"), groups.get(row.id, 0), tuple(people.get(row.id, ())))
        for row in shown
    ]
    return paging.Page(found, paging.encode(shown[-1].path_key) if len(rows) > limit else None)


async def leader_names(tx: Tx, center_id: str, *, most: int = 300) -> list[str]:
    """To choose from; whoever is not among the first is found by his name as well."""
    rows = await tx.table(
        select(col(Leader.name))
        .where(col(Leader.center_id) == center_id, col(Leader.left_at).is_(None))
        .order_by(col(Leader.name_key))
        .limit(most)
    )
    return [row.name for row in rows]


async def assigned_to(tx: Tx, assignment_id: str) -> tuple[str, str]:
    """The leader's name, and the name of what he answers for."""
    rows = await tx.table(
        select(col(Leader.name).label("leader"), func.coalesce(col(Group.name), col(Branch.path)).label("place"))
        .select_from(Assignment)
        .join(Leader, col(Leader.id) == col(Assignment.leader_id))
        .outerjoin(Group, col(Group.id) == col(Assignment.group_id))
        .outerjoin(Branch, col(Branch.id) == col(Assignment.branch_id))
        .where(col(Assignment.id) == assignment_id)
    )
    return rows[0].leader, rows[0].place


async def children(tx: Tx, branch_id: str) -> tuple[list[Any], int]:
    """(id, name) of the branches directly below one, and how many groups hang in it itself, archived ones apart."""
    below = await tx.table(
        select(col(Branch.id), col(Branch.name)).where(col(Branch.parent_id) == branch_id).order_by(col(Branch.name))
    )
    own = (col(Group.branch_id) == branch_id, col(Group.status) != GroupStatus.ARCHIVED)
    counted = await tx.table(select(func.count()).select_from(Group).where(*own))
    return below, counted[0][0]
