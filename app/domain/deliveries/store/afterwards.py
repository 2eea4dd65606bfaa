"""What is asked of deliveries after they ended: which may be tried once more, which stand, which were taken back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, update
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.journal import append
from app.domain.deliveries.states import MOVES, OPEN, STANDS_FOR, Kind, News, State
from app.domain.deliveries.store.claims import line
from app.domain.deliveries.tables import Attempt, Delivery


async def to_retry(
    tx: Tx, campaign_id: str, *, groups: Collection[str] | None, after: str, limit: int
) -> list[Delivery]:
    """Posts that ended without a word having left, by id after `after`, locked; of these groups, or of all. What was
    ever said without an answer is none of them."""
    wanted = (
        select(Delivery)
        .where(
            Delivery.campaign_id == campaign_id,
            col(Delivery.kind).in_(STANDS_FOR),
            col(Delivery.state).in_(MOVES.before(News.RETRIED)),
            Delivery.resends == 0,
            col(Delivery.relay_id).is_not(None),
            col(Delivery.id) > after,
        )
        .order_by(col(Delivery.id))
        .limit(limit)
        .with_for_update()
    )
    return await tx.all(wanted if groups is None else wanted.where(among(col(Delivery.group_id), groups)))


async def retry(
    tx: Tx,
    rows: Sequence[Delivery],
    *,
    due_at: datetime,
    expires_at: datetime,
    actor: str,
    reason: str,
    as_posts: bool,
) -> None:
    """Let these locked rows wait for their turn once more, with fresh patience; with `as_posts`, an edit that was
    refused as a post of its own. Their attempts stay as evidence."""
    became = MOVES.after(News.RETRIED)
    values: dict[str, Any] = {"state": became, "reason": reason, "due_at": due_at, "expires_at": expires_at, "tries": 0}
    if as_posts:
        values["of_id"] = None
    ids = [row.id for row in rows]
    await tx.run(
        update(Delivery)
        .where(among(col(Delivery.id), ids), col(Delivery.state).in_(MOVES.before(News.RETRIED)))
        .values(**values)
    )
    await append(tx, [line(row, row.state, became, reason, actor) for row in rows])


async def standing(tx: Tx, relay_ids: Sequence[str]) -> list[Delivery]:
    """What was posted for these relays, in order."""
    return await tx.all(
        select(Delivery)
        .where(
            among(col(Delivery.relay_id), relay_ids),
            col(Delivery.kind).in_(STANDS_FOR),
            Delivery.state == State.SENT,
        )
        .order_by(col(Delivery.id))
    )


async def may_stand(tx: Tx, relay_ids: Sequence[str]) -> list[Delivery]:
    """What was posted for these relays, is being posted or may have been, or waits, in order."""
    may = (col(Delivery.kind).in_(STANDS_FOR), col(Delivery.state).in_((State.SENT, *OPEN)))
    mine = select(Delivery).where(among(col(Delivery.relay_id), relay_ids), *may)
    return await tx.all(mine.order_by(col(Delivery.id)))


async def ended(tx: Tx, delivery_ids: Sequence[str]) -> dict[str, Any]:
    """(id, state, reason, message_id, sent_at) of those of these that are not on their way any more, by their ids."""
    on_the_way = (State.DUE, State.SENDING)
    rows = await tx.table(
        columns(*(getattr(Delivery, name) for name in ("id", "state", "reason", "message_id", "sent_at"))).where(
            among(col(Delivery.id), delivery_ids), col(Delivery.state).not_in(on_the_way)
        )
    )
    return {row.id: row for row in rows}


async def reminders_of(tx: Tx, delivery_ids: Sequence[str]) -> dict[str, list[datetime]]:
    """When the platform was to remind somebody of each of these tasks, by the deliveries that asked for them."""
    rows = await tx.table(
        columns(col(Delivery.of_id), col(Delivery.due_at)).where(
            among(col(Delivery.of_id), delivery_ids),
            col(Delivery.kind) == Kind.NUDGE,
            col(Delivery.state) != State.CANCELLED,
        )
    )
    found: dict[str, list[datetime]] = {one: [] for one in delivery_ids}
    for row in rows:
        found[row.of_id].append(row.due_at)
    return found


async def tried_since(tx: Tx, account_ids: Sequence[str], since: datetime) -> bool:
    """Whether any of these accounts has said something since then, whatever came of it."""
    said = columns(col(Attempt.id)).where(among(col(Attempt.account_id), account_ids), col(Attempt.ended_at) >= since)
    return bool(await tx.table(said.limit(1)))


async def unpinned(
    tx: Tx, campaign_id: str, account_ids: Sequence[str], *, since: datetime, after: str, limit: int
) -> list[Delivery]:
    """What these accounts have posted since then and nothing was done to keep on top, by id after `after`."""
    pinned = aliased(Delivery)
    mine = (col(pinned.campaign_id) == campaign_id, col(pinned.kind) == Kind.PIN, col(pinned.subject) == Delivery.id)
    wanted = select(Delivery).where(
        Delivery.campaign_id == campaign_id,
        Delivery.state == State.SENT,
        Delivery.kind == Kind.ANNOUNCEMENT,
        col(Delivery.sent_at) >= since,
        col(Delivery.message_id).is_not(None),
        among(col(Delivery.account_id), account_ids),
        col(Delivery.id) > after,
        ~exists().where(*mine),
    )
    return await tx.all(wanted.order_by(col(Delivery.id)).limit(limit))


async def numbers(tx: Tx, delivery_ids: Sequence[str]) -> dict[str, str | None]:
    """The platforms' numbers of these messages."""
    if not delivery_ids:
        return {}
    return {row.id: row.message_id for row in await tx.table(_NUMBERS, {"ids": delivery_ids})}


_NUMBERS = columns(col(Delivery.id), col(Delivery.message_id)).where(among(col(Delivery.id), "ids"))


async def not_yet_taken_back(tx: Tx, relay_ids: Sequence[str]) -> set[str]:
    """Those of these relays of which something that was to be taken back was not."""
    rows: list[Any] = await tx.table(
        columns(col(Delivery.relay_id), col(Delivery.of_id), col(Delivery.state)).where(
            among(col(Delivery.relay_id), relay_ids), col(Delivery.kind) == Kind.RECALL
        )
    )
    gone = {row.of_id for row in rows if row.state is State.SENT}
    return {row.relay_id for row in rows if row.of_id not in gone}
