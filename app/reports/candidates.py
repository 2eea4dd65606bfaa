"""Who could answer for a group: its most active members, by the sheet and by what they write, then leaders nearby who
have room for one more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.core.text import comparable
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.domain.inbox import store as inbox

CAPACITY = 40
"""Groups one leader can look after."""
MOST = 20
"""Candidates of each kind."""
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Candidate:
    """`kind` is member, speaker or leader. A member has his `activity` of the sheet; a speaker is named as his platform
    does, in the form of a contact; a leader has his id, how many groups he has and for how many he has room, and
    whether he is `near` (the group's own branch) or one branch aside. `words` are the messages that a speaker, or a
    leader, has written in the group in 30 days."""

    kind: str
    name: str
    activity: int | None = None
    leader_id: str | None = None
    groups: int | None = None
    room: int | None = None
    near: bool | None = None
    words: int | None = None


async def candidates(tx: Tx, center_id: str, group_id: str) -> list[Candidate] | None:
    """The best first; None for a stranger."""
    query = select(col(Group.id), col(Group.activity), col(Group.branch_id), col(Branch.parent_id))
    query = query.outerjoin(Branch, col(Branch.id) == col(Group.branch_id))
    rows = await tx.table(query.where(col(Group.id) == group_id, col(Group.center_id) == center_id))
    if not rows:
        return None
    spoken = await inbox.speakers(tx, group_id, since=tx.now - LATELY, limit=MOST)
    words = {one.leader_id: one.words for one in spoken if one.leader_id}
    members = await _members(tx, center_id, rows[0].activity)
    strangers = [
        Candidate("speaker", f"{one.platform}:{one.person}", words=one.words) for one in spoken if not one.leader_id
    ]
    return [*members, *strangers, *await _leaders(tx, center_id, rows[0], words)]


async def _members(tx: Tx, center_id: str, activity: Sequence[tuple[str, int]]) -> list[Candidate]:
    """The people of the list who are no leaders yet."""
    keys = [comparable(name) for name, _ in activity]
    known = select(col(Leader.name_key)).where(col(Leader.center_id) == center_id, among(col(Leader.name_key), keys))
    leading = {row.name_key for row in await tx.table(known)} if keys else set()
    ranked = sorted(activity, key=lambda one: -one[1])
    return [Candidate("member", name, count) for name, count in ranked if comparable(name) not in leading][:MOST]


async def _leaders(tx: Tx, center_id: str, group: Any, words: Mapping[str, int]) -> list[Candidate]:
    """Those with groups in the same branch, then those one branch aside; of each those first who write in the group,
    then the least busy."""
    if group.branch_id is None:
        return []
    aside = select(col(Branch.id)).where(
        col(Branch.center_id) == center_id,
        col(Branch.parent_id) == group.parent_id if group.parent_id else col(Branch.id) == group.branch_id,
    )
    here = func.max(case((col(Group.branch_id) == group.branch_id, 1), else_=0)).label("near")
    near = (
        select(col(Assignment.leader_id), here)
        .join(Group, col(Group.id) == col(Assignment.group_id))
        .where(col(Group.branch_id).in_(aside))
        .group_by(col(Assignment.leader_id))
        .subquery()
    )
    busy = func.count(col(Assignment.group_id)).label("groups")
    his = func.max(case((col(Assignment.group_id) == group.id, 1), else_=0))
    query = (
        select(near.c.leader_id, near.c.near, col(Leader.name), busy)
        .join(Leader, col(Leader.id) == near.c.leader_id)
        .join(Assignment, col(Assignment.leader_id) == near.c.leader_id)
        .where(col(Leader.left_at).is_(None))
        .group_by(near.c.leader_id, near.c.near, col(Leader.name))
        .having(busy < CAPACITY, his == 0)
        .order_by(near.c.near.desc(), busy, near.c.leader_id)
        .limit(MOST)
    )
    found = [
        Candidate(
            "leader",
            row.name,
            leader_id=row.leader_id,
            groups=row.groups,
            room=CAPACITY - row.groups,
            near=bool(row.near),
            words=words.get(row.leader_id),
        )
        for row in await tx.table(query)
    ]
    return sorted(found, key=lambda one: (not one.near, -(one.words or 0)))
