"""What was heard: the events an account's platform told by itself, and how lively a group is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.core import paging
from app.core.db import Tx
from app.domain.directory.tables import Group, Leader
from app.domain.inbox.states import Matter
from app.domain.inbox.tables import InboundEvent


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
    here = (
        col(InboundEvent.group_id) == group_id,
        col(InboundEvent.received_at) >= since,
        col(InboundEvent.matter) == Matter.SAID,
    )
    last = func.max(col(InboundEvent.received_at)).label("last_at")
    counts = (func.count().label("words"), func.count(col(InboundEvent.person).distinct()).label("people"), last)
    [whole] = await tx.table(select(*counts).where(*here))
    by_leader = (
        select(col(Leader.id), col(Leader.name), func.count().label("words"), last)
        .join(Leader, col(Leader.id) == col(InboundEvent.leader_id))
        .where(*here)
        .group_by(col(Leader.id), col(Leader.name))
        .order_by(func.count().desc(), col(Leader.id))
    )
    speakers = [Speaker(row.id, row.name, row.words, row.last_at) for row in await tx.table(by_leader)]
    return Activity(since, whole.words, whole.people, whole.last_at, speakers)
