"""Every SQL statement of the inbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, text, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.inbox.rules import by_day
from app.domain.inbox.states import Matter
from app.domain.inbox.tables import WAITING, HeardDay, InboundEvent

Row = InboundEvent


async def known(tx: Tx, account_id: str, event_keys: Sequence[str]) -> set[str]:
    """Which of these events of an account are kept already."""
    keys = select(InboundEvent.event_key).where(
        InboundEvent.account_id == account_id, among(col(InboundEvent.event_key), event_keys)
    )
    return set(await tx.all(keys))


async def keep(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep these events, each once however often it is told."""
    await tx.insert(InboundEvent, rows, once=True)


ANY_DUE = any_of(InboundEvent, text(WAITING), col(InboundEvent.due_at) <= NOW)
ANY_EVENT = any_of(InboundEvent)


async def due(tx: Tx, *, limit: int) -> list[InboundEvent]:
    """Events that wait to be handled and may be looked at now, the longest due first."""
    waiting = select(InboundEvent).where(text(WAITING), col(InboundEvent.due_at) <= tx.now)
    return await tx.all(waiting.order_by(col(InboundEvent.due_at), col(InboundEvent.id)).limit(limit))


async def take(tx: Tx, event_id: str) -> InboundEvent | None:
    """This event, locked until the transaction ends; None where it is handled, or somebody else is at it."""
    waiting = select(InboundEvent).where(text(WAITING), InboundEvent.id == event_id)
    return await tx.first(waiting.with_for_update(skip_locked=True))


async def handled(tx: Tx, event_id: str, outcome: str, *, group_id: str | None) -> None:
    await tx.run(
        update(InboundEvent)
        .where(col(InboundEvent.id) == event_id)
        .values(handled_at=tx.now, outcome=outcome, group_id=group_id)
    )


async def put_off(tx: Tx, event_id: str, until: datetime) -> None:
    """Look at it again then."""
    await tx.run(update(InboundEvent).where(col(InboundEvent.id) == event_id, text(WAITING)).values(due_at=until))


async def attribute(tx: Tx, lines: Sequence[tuple[str, str | None, str | None]]) -> None:
    """These (event, group, leader) are words that were said there by him: handled, for there is nothing to do."""
    names = ("id", "group_id", "leader_id", "outcome", "handled_at")
    await tx.update_lines(InboundEvent, names, [(*line, "kept", tx.now) for line in lines])


async def first_at(tx: Tx) -> datetime | None:
    """When the event was kept that was kept first."""
    return await tx.first(select(InboundEvent.received_at).order_by(col(InboundEvent.id)))


async def oldest(tx: Tx, *, limit: int) -> list[InboundEvent]:
    """The events that were kept first, locked; their ids grow with time."""
    return await tx.all(
        select(InboundEvent).order_by(col(InboundEvent.id)).limit(limit).with_for_update(skip_locked=True)
    )


async def fold(tx: Tx, events: Sequence[InboundEvent]) -> None:
    """Let nothing stay of these events but how much people wrote."""
    rows = by_day(event for event in events if event.matter is Matter.SAID)
    if rows:
        insert = tx.upsert(HeardDay).values(rows)
        more = {"words": col(HeardDay.words) + insert.excluded.words}
        last = {name: insert.excluded[name] for name in ("leader_id", "last_at")}
        names = ["group_id", "day", "person"]
        await tx.run(insert.on_conflict_do_update(index_elements=names, set_={**more, **last}))
    await tx.run(delete(InboundEvent).where(among(col(InboundEvent.id), [event.id for event in events])))


async def forget_days(tx: Tx, *, before: str) -> None:
    await tx.run(delete(HeardDay).where(col(HeardDay.day) < before))


async def speakers(tx: Tx, group_id: str, *, since: datetime, limit: int) -> list[Any]:
    """(platform, person, leader_id, words) of those who have written most in a group since then; `person` is how the
    platform names them."""
    words = func.count().label("words")
    who = (col(InboundEvent.platform), col(InboundEvent.person), col(InboundEvent.leader_id))
    here = (
        col(InboundEvent.group_id) == group_id,
        col(InboundEvent.received_at) >= since,
        col(InboundEvent.matter) == Matter.SAID,
        col(InboundEvent.person) != "",
    )
    return await tx.table(columns(*who, words).where(*here).group_by(*who).order_by(words.desc(), who[1]).limit(limit))
