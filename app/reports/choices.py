"""What a new campaign can be addressed to: the tree with its groups counted, the tags, and how many that makes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.campaigns.rules import Audience
from app.domain.campaigns.tables import CampaignGroup
from app.domain.directory import store as directory
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Branch, Group, GroupTag

MOST_BRANCHES = 500
MOST_TAGS = 100


@dataclass(frozen=True)
class BranchChoice:
    """`groups` counts the active ones in it and in everything below it; `depth` is 0 at the top."""

    id: str
    name: str
    depth: int
    groups: int


async def branch_choices(tx: Tx, center_id: str) -> list[BranchChoice]:
    """The first branches in the order of the tree."""
    rows = await tx.table(
        select(col(Branch.id), col(Branch.parent_id), col(Branch.name))
        .where(col(Branch.center_id) == center_id)
        .order_by(col(Branch.path_key))
    )
    counted = await tx.table(
        select(col(Group.branch_id), func.count())
        .where(col(Group.center_id) == center_id, col(Group.status) == GroupStatus.ACTIVE)
        .group_by(col(Group.branch_id))
    )
    parents: dict[str, str | None] = {row.id: row.parent_id for row in rows}
    totals: Counter[str] = Counter()
    for branch_id, groups in counted:
        for above in _upwards(branch_id, parents):
            totals[above] += groups
    return [
        BranchChoice(row.id, row.name, len(_upwards(row.id, parents)) - 1, totals[row.id])
        for row in rows[:MOST_BRANCHES]
    ]


async def tag_choices(tx: Tx, center_id: str) -> list[tuple[str, int]]:
    """The tags that active groups bear, the most used first, and how many bear each."""
    rows = await tx.table(
        select(col(GroupTag.tag_key), func.count())
        .join(Group, col(Group.id) == col(GroupTag.group_id))
        .where(col(Group.center_id) == center_id, col(Group.status) == GroupStatus.ACTIVE)
        .group_by(col(GroupTag.tag_key))
        .order_by(func.count().desc(), col(GroupTag.tag_key))
        .limit(MOST_TAGS)
    )
    return [(tag, groups) for tag, groups in rows]


async def named_groups(tx: Tx, center_id: str, group_ids: Sequence[str]) -> list[Any]:
    """(id, name, platform) of these of the center's groups."""
    columns = (col(Group.id), col(Group.name), col(Group.platform))
    query = select(*columns).where(col(Group.center_id) == center_id, among(col(Group.id), group_ids))
    return await tx.table(query.order_by(col(Group.name), col(Group.id)))


async def by_platform(tx: Tx, center_id: str, audience: Audience) -> dict[str, int]:
    """How many groups the audience holds on each platform, the most first."""
    chosen = directory.audience(center_id, **audience.__dict__).subquery()
    count = func.count()
    query = select(chosen.c.platform, count).group_by(chosen.c.platform).order_by(count.desc(), chosen.c.platform)
    return {row.platform: row[1] for row in await tx.table(query)}


async def standing_platforms(tx: Tx, campaign_id: str) -> list[str]:
    """The platforms of the groups a campaign was launched for, by name."""
    platform = col(CampaignGroup.platform)
    rows = await tx.table(select(platform).where(col(CampaignGroup.campaign_id) == campaign_id).distinct())
    return sorted(row.platform for row in rows)


def _upwards(branch_id: str | None, parents: dict[str, str | None]) -> list[str]:
    """The branch and everything above it; a ring ends where it would begin again."""
    seen: list[str] = []
    while branch_id is not None and branch_id not in seen:
        seen.append(branch_id)
        branch_id = parents.get(branch_id)
    return seen
