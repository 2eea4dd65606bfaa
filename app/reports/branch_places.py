"""The groups of a regional leader's page: who has each, and what he may do about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, select
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.cascade.tables import Tier
from app.domain.directory.tables import Assignment, Group, Leader
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Holding, Relay

ROWS = 40
ASKED = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
_FIRST = {State.MISSED: 0, State.FAILED: 0, State.UNCERTAIN: 0, State.RELAYED: 3, State.SKIPPED: 4, State.CANCELLED: 4}


@dataclass(frozen=True)
class Place:
    """One group of the branch. `leader` is who has it, empty where nobody has or where it went to somebody outside the
    branch (`outside`); `first` who comes before that leader and has not read it yet."""

    id: str
    group: str
    platform: str
    leader_id: str | None
    leader: str
    outside: bool
    bot: bool
    state: State
    reason: str
    late: bool
    nudges: int
    first: str
    may_nudge: bool
    may_hand_over: bool


async def places(
    tx: Tx,
    there: tuple[ColumnElement[bool], ...],
    viewer: str,
    inside: Collection[str],
    *,
    page: int,
    acts: bool,
) -> list[Place]:
    names = ("id", "group_id", "leader_id", "route", "state", "reason", "late", "nudges")
    first = Leader.__table__.alias("first")  # type: ignore[attr-defined]
    rows = await tx.table(
        select(
            *(col(getattr(Relay, name)) for name in names),
            col(Group.name).label("group"),
            col(Group.platform),
            col(Leader.name).label("leader"),
            first.c.name.label("first"),
        )
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
        .outerjoin(Tier, col(Tier.id) == col(Relay.waits_for))
        .outerjoin(first, first.c.id == col(Tier.leader_id))
        .where(*there)
        .order_by(case(_FIRST, value=col(Relay.state), else_=1), col(Relay.deadline_at), col(Group.name), col(Relay.id))
        .offset((page - 1) * ROWS)
        .limit(ROWS)
    )
    people = {viewer, *await _people(tx, [row.leader_id for row in rows if row.leader_id], inside)}
    heirs = await _heirs(tx, [row.group_id for row in rows])
    had = await _had(tx, [row.id for row in rows])
    found = []
    for row in rows:
        before = {row.leader_id, *had.get(row.id, ())}
        found.append(_place(row, viewer, people, acts=acts, heirs={viewer, *heirs.get(row.group_id, ())} - before))
    return found


def _place(row: Any, viewer: str, people: Collection[str], *, acts: bool, heirs: Collection[str]) -> Place:
    acts = acts and row.route is Route.LEADER
    outside = row.leader_id is not None and row.leader_id not in people
    asked = row.state in ASKED
    return Place(
        **{name: getattr(row, name) for name in ("id", "group", "platform", "state", "reason", "late", "nudges")},
        leader_id=row.leader_id,
        leader="" if outside else row.leader or "",
        outside=outside,
        bot=row.route is Route.BOT,
        first=row.first or "" if row.state is State.PLANNED else "",
        may_nudge=acts and asked and row.leader_id is not None and row.leader_id != viewer and not outside,
        may_hand_over=acts and (asked or row.state is State.FAILED) and bool(heirs),
    )


async def _people(tx: Tx, leader_ids: Sequence[str], inside: Collection[str]) -> set[str]:
    """Those of these leaders who answer for something in these branches."""
    groups = select(col(Group.id)).where(among(col(Group.branch_id), list(inside)))
    rows = await tx.table(
        select(col(Assignment.leader_id)).where(
            among(col(Assignment.leader_id), leader_ids),
            among(col(Assignment.branch_id), list(inside)) | col(Assignment.group_id).in_(groups),
        )
    )
    return {row.leader_id for row in rows}


async def _heirs(tx: Tx, group_ids: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = select(col(Assignment.group_id), col(Assignment.leader_id))
    for row in await tx.table(query.where(among(col(Assignment.group_id), group_ids))):
        found.setdefault(row.group_id, set()).add(row.leader_id)
    return found


async def _had(tx: Tx, relay_ids: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = select(col(Holding.relay_id), col(Holding.leader_id)).where(among(col(Holding.relay_id), relay_ids))
    for row in await tx.table(query):
        found.setdefault(row.relay_id, set()).add(row.leader_id)
    return found
