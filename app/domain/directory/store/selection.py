"""Which groups an audience means."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, or_
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.text import comparable
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Branch, Group, GroupTag


def audience(
    center_id: str, *, branches: Sequence[str], tags: Sequence[str], groups: Sequence[str], exclude: Sequence[str]
) -> Select[*tuple[Any, ...]]:
    """The active groups of the center that hang below any of the branches, bear any of the tags or are named; all
    three empty means every one. `exclude` is taken away. Columns: group_id, name, platform, address_key, account_id,
    branch_id, members, timezone, language, routes; no order."""
    everybody = with_resting(center_id, branches=branches, tags=tags, groups=groups, exclude=exclude)
    return everybody.where(col(Group.status) == GroupStatus.ACTIVE)


def with_resting(
    center_id: str, *, branches: Sequence[str], tags: Sequence[str], groups: Sequence[str], exclude: Sequence[str]
) -> Select[*tuple[Any, ...]]:
    """As `audience`, with those that are dormant or archived."""
    query: Select[*tuple[Any, ...]] = columns(
        col(Group.id).label("group_id"),
        col(Group.name),
        col(Group.platform),
        col(Group.address_key),
        col(Group.account_id),
        col(Group.branch_id),
        col(Group.members),
        col(Group.timezone),
        col(Group.language),
        col(Group.routes),
    ).where(col(Group.center_id) == center_id)
    if wanted := named(center_id, branches=branches, tags=tags, groups=groups):
        query = query.where(or_(*wanted))
    return query.where(~among(col(Group.id), exclude)) if exclude else query


def named(center_id: str, *, branches: Sequence[str], tags: Sequence[str], groups: Sequence[str]) -> list[Any]:
    """One condition for each way in which groups are named here; whoever meets any of them is meant."""
    wanted: list[Any] = []
    if branches:
        wanted.append(col(Group.branch_id).in_(below(center_id, branches)))
    if tags:
        keys = [comparable(tag) for tag in tags]
        wanted.append(col(Group.id).in_(columns(col(GroupTag.group_id)).where(col(GroupTag.tag_key).in_(keys))))
    if groups:
        wanted.append(among(col(Group.id), groups))
    return wanted


def to_put(center_id: str, *, branches: Sequence[str], tags: Sequence[str], groups: Sequence[str]) -> Any:
    """The condition for groups whose status is to change: those named by id, and those below the branches or under the
    tags that are not archived. What is archived comes back by its own name only."""
    inside = named(center_id, branches=branches, tags=tags, groups=())
    many = [or_(*inside) & (col(Group.status) != GroupStatus.ARCHIVED)] if inside else []
    return and_(col(Group.center_id) == center_id, or_(*many, *named(center_id, branches=(), tags=(), groups=groups)))


def below(center_id: str, branch_ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """The ids of these branches and of everything below them. UNION ends even where rows would form a ring. The WITH
    stays inside: in front of an INSERT it would hide from SQLite's driver how many rows went in."""
    top = columns(col(Branch.id)).where(col(Branch.center_id) == center_id, col(Branch.id).in_(branch_ids))
    subtree = top.cte("subtree", recursive=True, nesting=True)
    subtree = subtree.union(columns(col(Branch.id)).join(subtree, col(Branch.parent_id) == subtree.c.id))
    return columns(subtree.c.id)


async def resting(tx: Tx, group_ids: Sequence[str]) -> dict[str, GroupStatus]:
    """Those of these groups that are not active, and what they are."""
    rows = await tx.table(_RESTING, {"ids": group_ids})
    return {row.id: row.status for row in rows}


_RESTING = columns(col(Group.id), col(Group.status)).where(
    among(col(Group.id), "ids"), col(Group.status) != GroupStatus.ACTIVE
)


async def unknown(tx: Tx, center_id: str, *, branches: Sequence[str], groups: Sequence[str]) -> list[tuple[str, str]]:
    """Those ids that are not this center's, as `("branch" | "group", id)` in the order given."""
    strangers = []
    for kind, table, wanted in (("branch", Branch, branches), ("group", Group, groups)):
        theirs = select(table.id).where(table.center_id == center_id, among(col(table.id), wanted))
        known = set(await tx.all(theirs))
        strangers += [(kind, each) for each in dict.fromkeys(wanted) if each not in known]
    return strangers
