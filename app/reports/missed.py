"""Which groups missed it, and who is on it: the question Muster exists to answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from app.core import paging
from app.core.db import Tx
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.domain.relays.states import State
from app.domain.relays.tables import MISSING_NOW, Relay


@dataclass(frozen=True)
class Missed:
    """One group that has not got it. `since` is when it fell behind; `next_step` says what happens next."""

    relay_id: str
    group_id: str
    group: str
    platform: str
    branch: str | None
    leader_id: str | None
    leader: str | None
    deputies: Sequence[str]
    state: State
    reason: str
    since: datetime
    deadline_at: datetime
    nudges: int
    next_step: str


async def missed(tx: Tx, center_id: str, campaign_id: str, *, limit: int, cursor: str | None) -> paging.Page[Missed]:
    """Every relay that is missed, failed or uncertain, by id. Until somebody acts, none of them leaves this list."""
    query = (
        select(
            *(col(getattr(Relay, name)) for name in ("id", "group_id", "branch_id", "leader_id", "state", "reason")),
            *(col(getattr(Relay, name)) for name in ("deadline_at", "nudges", "changed_at", "route")),
            col(Group.name).label("group"),
            col(Group.platform).label("platform"),
            col(Branch.path).label("branch"),
            col(Leader.name).label("leader"),
        )
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(Branch, col(Branch.id) == col(Relay.branch_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
        .where(
            col(Relay.campaign_id) == campaign_id,
            col(Relay.center_id) == center_id,
            text(MISSING_NOW),
        )
        .order_by(col(Relay.id))
        .limit(limit + 1)
    )
    after = paging.decode(cursor)
    rows = await tx.table(query if after is None else query.where(col(Relay.id) > after))
    shown = rows[:limit]
    deputies = await _deputies(tx, shown)
    more = paging.encode(shown[-1].id) if len(rows) > limit else None
    return paging.Page([_missed(row, deputies) for row in shown], more)


def _missed(row: Any, deputies: dict[str, list[tuple[str, str]]]) -> Missed:
    others = [name for leader, name in deputies.get(row.group_id, []) if leader != row.leader_id]
    return Missed(
        relay_id=row.id,
        group_id=row.group_id,
        group=row.group,
        platform=row.platform,
        branch=row.branch,
        leader_id=row.leader_id,
        leader=row.leader,
        deputies=others,
        state=row.state,
        reason=row.reason,
        since=row.deadline_at if row.state is State.MISSED else row.changed_at,
        deadline_at=row.deadline_at,
        nudges=row.nudges,
        next_step=_next_step(row),
    )


def _next_step(row: Any) -> str:
    if row.state is State.UNCERTAIN:
        return "look into the group, then settle the delivery as sent or not_sent"
    if row.leader:
        return f"{row.leader} can still confirm by link; it will count as late"
    return "nobody answers for this group: assign a leader, or post it by hand"


async def _deputies(tx: Tx, rows: Sequence[Any]) -> dict[str, list[tuple[str, str]]]:
    """For each group the people assigned to it, in order of rank."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    assigned = await tx.table(
        select(col(Assignment.group_id), col(Leader.id), col(Leader.name))
        .join(Leader, col(Leader.id) == col(Assignment.leader_id))
        .where(col(Assignment.group_id).in_([row.group_id for row in rows]))
        .order_by(col(Assignment.rank))
    )
    for group_id, leader_id, name in assigned:
        found[group_id].append((leader_id, name))
    return found
