"""What was heard: the events an account's platform told by itself, and how lively a group is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, func, literal, select
from sqlmodel import col

from app.core import paging
from app.core.db import Tx
from app.domain.directory.tables import Group, Leader
from app.domain.inbox.rules import day_of
from app.domain.inbox.states import Matter
from app.domain.inbox.tables import HeardDay, InboundEvent


@dataclass(frozen=True)
class Speaker:
    """A leader and what he wrote in a group."""

    leader_id: str
    leader: str
    words: int
    last_at: datetime


@dataclass(frozen=True)
class Activity:
    """How many messages people wrote in a group since then, how many people, and its leaders among them."""

    since: datetime
    words: int
    people: int
    last_at: datetime | None
    leaders: Sequence[Speaker]


async def heard(tx: Tx, center_id: str, account_id: str, *, limit: int, cursor: str | None) -> paging.Page[Any]:
    """What an account's platform told, the newest first; never the words of a message."""
    names = ("id", "matter", "code", "delivery_id", "group_id", "leader_id", "said_at", "received_at", "handled_at")
    query = (
        select(
            *(col(getattr(InboundEvent, name)) for name in (*names, "outcome")),
            col(Group.name).label("group"),
            col(Leader.name).label("leader"),
        )
        .outerjoin(Group, col(Group.id) == col(InboundEvent.group_id))
        .outerjoin(Leader, col(Leader.id) == col(InboundEvent.leader_id))
        .where(col(InboundEvent.account_id) == account_id, col(InboundEvent.center_id) == center_id)
        .order_by(col(InboundEvent.id).desc())
        .limit(limit + 1)
    )
    before = paging.decode(cursor)
    if before is not None:
        query = query.where(col(InboundEvent.id) < before)
    rows = await tx.table(query)
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def activity(tx: Tx, group_id: str, since: datetime) -> Activity:
    """Of the last month by the message, of the time before by the day."""
    said = _said(group_id, since)
    words, last = func.coalesce(func.sum(said.c.words), 0).label("words"), func.max(said.c.last_at).label("last_at")
    [whole] = await tx.table(select(words, func.count(said.c.person.distinct()).label("people"), last))
    by_leader = (
        select(col(Leader.id), col(Leader.name), words, last)
        .join(said, said.c.leader_id == col(Leader.id))
        .group_by(col(Leader.id), col(Leader.name))
        .order_by(words.desc(), col(Leader.id))
    )
    speakers = [Speaker(row.id, row.name, row.words, row.last_at) for row in await tx.table(by_leader)]
    return Activity(since, whole.words, whole.people, whole.last_at, speakers)


def _said(group_id: str, since: datetime) -> Subquery:
    """(person, leader_id, words, last_at) of what was written in a group since then."""
    day, event = HeardDay, InboundEvent
    lately: Select[*tuple[Any, ...]] = select(
        col(event.person), col(event.leader_id), literal(1).label("words"), col(event.received_at).label("last_at")
    ).where(col(event.group_id) == group_id, col(event.received_at) >= since, col(event.matter) == Matter.SAID)
    earlier = select(col(day.person), col(day.leader_id), col(day.words), col(day.last_at)).where(
        col(day.group_id) == group_id, col(day.day) >= day_of(since)
    )
    return lately.union_all(earlier).subquery()
