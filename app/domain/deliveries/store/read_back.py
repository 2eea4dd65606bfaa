"""Uncertain deliveries whose platform can be asked whether their words stand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, func, or_, text, update
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.deliveries.states import Kind, State
from app.domain.deliveries.tables import IN_DOUBT, Attempt, Delivery, ReadBack

WAITS = (timedelta(seconds=10), timedelta(minutes=2), timedelta(minutes=30))
"""How long after one look the next: a chat may list late what it has."""
_SAID = (Kind.ANNOUNCEMENT, Kind.CORRECTION, Kind.HAND_OFF, Kind.NUDGE, Kind.ESCALATION, Kind.DIGEST)


_ASKED = and_(col(ReadBack.delivery_id) == col(Delivery.id), col(ReadBack.fence) == col(Delivery.fence))


def _to_ask(now: datetime) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """What is in doubt and to be asked about now, of a delivery and what was asked before, if anything."""
    of_words = (col(Delivery.kind).in_(_SAID), col(Delivery.of_id).is_(None))
    return text(f"delivery.{IN_DOUBT}"), *of_words, or_(col(ReadBack.times).is_(None), col(ReadBack.next_at) <= now)


async def in_doubt(tx: Tx, account_ids: Sequence[str]) -> set[str]:
    """Of these accounts, those with something uncertain to be asked about now."""
    theirs = columns(col(Delivery.account_id)).outerjoin(ReadBack, _ASKED)
    theirs = theirs.where(*_to_ask(tx.now), among(col(Delivery.account_id), account_ids))
    return {row.account_id for row in await tx.table(theirs.distinct())}


async def next_look(tx: Tx, account_id: str) -> Any | None:
    """The uncertain delivery of this account to be asked about now, if any: (id, center_id, fence, times, group_id,
    leader_id, chat, reason), with `since`, when it was first begun. It is nobody's until it is claimed."""
    since = columns(func.min(col(Attempt.started_at))).where(col(Attempt.delivery_id) == col(Delivery.id))
    due = (
        columns(
            *(col(Delivery.id), col(Delivery.center_id), col(Delivery.fence), col(Delivery.group_id)),
            *(col(Delivery.leader_id), col(Delivery.chat), col(Delivery.reason)),
            func.coalesce(col(ReadBack.times), 0).label("times"),
            func.coalesce(since.scalar_subquery(), col(Delivery.due_at)).label("since"),
        )
        .outerjoin(ReadBack, _ASKED)
        .where(*_to_ask(tx.now), col(Delivery.account_id) == account_id)
        .order_by(func.coalesce(col(ReadBack.times), 0), col(Delivery.id))
        .limit(1)
    )
    found = await tx.table(due)
    return found[0] if found else None


async def claim_look(tx: Tx, found: Any, *, lease: timedelta) -> bool:
    """Whether this caller alone asks about what it found, until the lease ends: not where another has claimed it, or
    has asked, since it was found."""
    row = {"delivery_id": found.id, "fence": found.fence, "times": found.times, "next_at": tx.now + lease}
    still_due = and_(col(ReadBack.fence) == found.fence, col(ReadBack.next_at) <= tx.now)
    mine = tx.upsert(ReadBack).values(**row)
    mine = mine.on_conflict_do_update(
        index_elements=["delivery_id"], set_=row, where=or_(col(ReadBack.fence) < found.fence, still_due)
    )
    return bool((await tx.run(mine.returning(col(ReadBack.delivery_id)))).all())


async def looked(tx: Tx, found: Any) -> None:
    """It was asked about and is no wiser: again in a while, a few times."""
    wait = WAITS[found.times] if found.times < len(WAITS) else None
    await _keep(tx, found, times=found.times + 1, next_at=tx.now + wait if wait else None)


async def put_off(tx: Tx, found: Any, wait: timedelta | None) -> None:
    """It could not be asked about: that counts for nothing. Without `wait` it never can."""
    await _keep(tx, found, times=found.times, next_at=tx.now + wait if wait else None)


async def remark(tx: Tx, found: Any, reason: str) -> None:
    """What is known of it now, for whoever is to settle it."""
    same = (col(Delivery.id) == found.id, col(Delivery.fence) == found.fence, col(Delivery.state) == State.UNCERTAIN)
    await tx.run(update(Delivery).where(*same).values(reason=reason))


async def _keep(tx: Tx, found: Any, *, times: int, next_at: datetime | None) -> None:
    row = {"delivery_id": found.id, "fence": found.fence, "times": times, "next_at": next_at}
    insert = tx.upsert(ReadBack).values(**row)
    await tx.run(insert.on_conflict_do_update(index_elements=["delivery_id"], set_=row))
