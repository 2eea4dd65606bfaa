"""Every SQL statement of tasks."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as columns
from sqlalchemy import text, update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.tasks.states import LOOKED_AT, MOVES, SENDABLE, News, State
from app.domain.tasks.tables import GOING_ON, Task

ANY_GOING_ON = any_of(Task, text(GOING_ON))


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    fresh = {"state": State.ASKING, "reason": "", "left_out": [], "made_at": tx.now}
    await tx.insert(Task, [{**fresh, **row} for row in rows])


async def move(tx: Tx, task_id: str, news: News, *, reason: str = "", **values: Any) -> bool:
    """Tell a task the news; whether its state allowed it."""
    moved = await tx.run(
        update(Task)
        .where(col(Task.id) == task_id, col(Task.state).in_(MOVES.before(news)))
        .values(state=MOVES.after(news), reason=reason, **values)
    )
    return moved.rowcount == 1


async def take(tx: Tx, task_id: str) -> Task | None:
    """This task as it stands, locked until the transaction ends."""
    return await tx.first(select(Task).where(Task.id == task_id).with_for_update())


async def get(tx: Tx, task_ids: Sequence[str]) -> dict[str, Task]:
    """These tasks, by their ids."""
    rows = await tx.all(select(Task).where(among(col(Task.id), task_ids))) if task_ids else []
    return {row.id: row for row in rows}


async def asked_by(tx: Tx, delivery_ids: Sequence[str]) -> dict[str, Task]:
    """The tasks that these deliveries ask for, by the deliveries' ids."""
    rows = await tx.all(select(Task).where(among(col(Task.delivery_id), delivery_ids))) if delivery_ids else []
    return {row.delivery_id: row for row in rows}


async def leave_out(tx: Tx, delivery_id: str, chats: Collection[str]) -> None:
    """The platform said that the task this delivery asks for is not for these chats."""
    his = col(Task.delivery_id) == delivery_id
    await tx.run(update(Task).where(his).values(left_out=sorted(chats)))


async def in_state(
    tx: Tx, state: State, *, campaign_ids: Sequence[str] | None = None, after: str = "", limit: int
) -> list[Task]:
    """Tasks that stand so, in these campaigns or in all, by id after `after`."""
    here = select(Task).where(text(GOING_ON), Task.state == state, col(Task.id) > after)
    if campaign_ids is not None:
        here = here.where(among(col(Task.campaign_id), campaign_ids))
    return await tx.all(here.order_by(col(Task.id)).limit(limit))


async def open_in(tx: Tx) -> list[str]:
    """The campaigns in which an owner has a task that nobody has begun to take back."""
    return await tx.all(select(Task.campaign_id).where(text(GOING_ON), Task.state == State.OPEN).distinct())


async def of_leaders(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> list[Task]:
    """What these owners can still send in a campaign."""
    return await tx.all(
        select(Task)
        .where(Task.campaign_id == campaign_id, among(col(Task.leader_id), leader_ids), col(Task.state).in_(SENDABLE))
        .order_by(col(Task.id))
    )


async def any_going_on(tx: Tx) -> bool:
    return await tx.first(select(Task.id).where(text(GOING_ON))) is not None


_TO_LOOK_AT = (text(GOING_ON), col(Task.look_at) <= NOW, col(Task.state).in_(LOOKED_AT))
_WITH_LOOKS = columns(col(Task.account_id)).where(*_TO_LOOK_AT).distinct()


async def with_looks(tx: Tx) -> list[str]:
    """The accounts with tasks that the platform is to be asked about now."""
    return sorted(row.account_id for row in await tx.table(_WITH_LOOKS, {"now": tx.now}))


async def claim_looks(tx: Tx, account_ids: Sequence[str], *, limit: int, lease: timedelta) -> list[Task]:
    """Tasks of these accounts that the platform is to be asked about now. Each is one caller's until the lease ends."""
    due = (
        columns(col(Task.id))
        .where(text(GOING_ON), col(Task.look_at) <= tx.now, col(Task.state).in_(LOOKED_AT))
        .where(among(col(Task.account_id), account_ids))
        .order_by(col(Task.look_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = [row.id for row in await tx.table(due)]
    await tx.run(update(Task).where(among(col(Task.id), ids)).values(look_at=tx.now + lease))
    return list((await get(tx, ids)).values())


async def look_at(tx: Tx, task_ids: Collection[str], at: datetime, *, reason: str | None = None) -> None:
    """The platform is asked about these at this moment; with `reason`, because of that."""
    values = {"look_at": at} if reason is None else {"look_at": at, "reason": reason}
    mine = (among(col(Task.id), sorted(task_ids)), col(Task.state).in_(LOOKED_AT))
    if task_ids:
        await tx.run(update(Task).where(*mine).values(**values))


async def numbers(tx: Tx, account_id: str, since: datetime) -> set[str]:
    """The platform's numbers of this account's tasks since then."""
    known = columns(col(Task.number)).where(
        col(Task.account_id) == account_id, col(Task.made_at) >= since, col(Task.number).is_not(None)
    )
    return {row.number for row in await tx.table(known)}
