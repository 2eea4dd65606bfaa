"""Every SQL statement about outgoing webhooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, exists, func, text, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core import paging
from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.webhooks.states import MOVES, News, State
from app.domain.webhooks.tables import DUE, Notice, Try, Webhook, WebhookCursor

CURSOR = "journal"
EACH = 10
"""Notices of one webhook in one claim; of one that fails, one."""


async def add(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.insert(Webhook, [row])


async def find(tx: Tx, center_id: str, webhook_id: str) -> Webhook | None:
    return await tx.first(select(Webhook).where(Webhook.center_id == center_id, Webhook.id == webhook_id))


async def page(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Webhook]:
    """A center's webhooks, the oldest first."""
    query = select(Webhook).where(Webhook.center_id == center_id, col(Webhook.id) > (paging.decode(cursor) or ""))
    rows = await tx.all(query.order_by(col(Webhook.id)).limit(limit + 1))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def count(tx: Tx, center_id: str) -> int:
    rows = await tx.table(columns(func.count()).where(col(Webhook.center_id) == center_id))
    return int(rows[0][0])


ANY_ENABLED = any_of(Webhook, col(Webhook.enabled))
ANY_TRY = any_of(Try)


async def enabled(tx: Tx) -> list[Webhook]:
    """Every webhook that wants to hear."""
    return await tx.all(select(Webhook).where(col(Webhook.enabled)).order_by(col(Webhook.id)))


async def change(tx: Tx, webhook_id: str, **values: Any) -> None:
    await tx.run(update(Webhook).where(col(Webhook.id) == webhook_id).values(**values, updated_at=tx.now))


async def remove(tx: Tx, webhook_id: str) -> None:
    for table in (Try, Notice):
        await tx.run(delete(table).where(col(table.webhook_id) == webhook_id))
    await tx.run(delete(Webhook).where(col(Webhook.id) == webhook_id))


async def cursor(tx: Tx) -> int | None:
    """The last line that was read and cannot be overtaken any more; None where none ever was."""
    found = await tx.first(select(WebhookCursor).where(WebhookCursor.name == CURSOR))
    return found.seq if found else None


async def move_cursor(tx: Tx, seq: int) -> None:
    row = tx.upsert(WebhookCursor).values(name=CURSOR, seq=seq)
    await tx.run(row.on_conflict_do_update(index_elements=["name"], set_={"seq": seq}))


async def keep(tx: Tx, notices: Sequence[Mapping[str, Any]]) -> None:
    """Have these told, each once."""
    await tx.insert(Notice, notices, once=True)


async def claim(tx: Tx, *, limit: int, lease: timedelta) -> list[Notice]:
    """The notices whose turn it is, one try counted: a few of each webhook, so that a silent one
    holds up no other. Whoever dies with them leaves them due again after the lease."""
    due = (col(Notice.state) == State.DUE, col(Notice.due_at) <= tx.now)
    place = func.row_number().over(partition_by=col(Notice.webhook_id), order_by=(col(Notice.due_at), col(Notice.id)))
    most = case((col(Webhook.failing_since).is_(None), EACH), else_=1)
    waiting = columns(col(Notice.id), col(Notice.due_at), place.label("place"), most.label("most"))
    ranked = waiting.join(Webhook, col(Webhook.id) == col(Notice.webhook_id)).where(*due).subquery()
    first = (
        columns(ranked.c.id).where(ranked.c.place <= ranked.c.most).order_by(ranked.c.due_at, ranked.c.id).limit(limit)
    )
    wanted = sorted(row.id for row in await tx.table(first))
    values: dict[str, Any] = {"tries": col(Notice.tries) + 1, "due_at": tx.now + lease}
    taken = await tx.run(
        update(Notice).where(among(col(Notice.id), wanted), *due).values(**values).returning(col(Notice.id))
    )
    return await tx.all(select(Notice).where(among(col(Notice.id), [row.id for row in taken])))


_ANY_DUE = columns(col(Notice.id)).where(text(DUE), col(Notice.due_at) <= NOW).limit(1)


async def any_due(tx: Tx) -> bool:
    return bool(await tx.table(_ANY_DUE, {"now": tx.now}))


async def behind(tx: Tx, webhook_ids: Sequence[str]) -> dict[str, Webhook]:
    rows = await tx.all(select(Webhook).where(among(col(Webhook.id), webhook_ids)))
    return {row.id: row for row in rows}


async def tell(tx: Tx, notice: Notice, news: News) -> bool:
    """False where another try, or a switch, was first."""
    moved = await tx.run(
        update(Notice)
        .where(col(Notice.id) == notice.id, col(Notice.state).in_(MOVES.before(news)))
        .values(state=MOVES.after(news))
    )
    return moved.rowcount == 1


async def wait(tx: Tx, notice: Notice, *, until: datetime) -> None:
    """Try it again then, unless somebody has tried since."""
    same = (col(Notice.id) == notice.id, col(Notice.tries) == notice.tries, col(Notice.state) == State.DUE)
    await tx.run(update(Notice).where(*same).values(due_at=until))


async def give_up_all(tx: Tx, webhook_id: str) -> None:
    """Nothing that waits for this webhook is told any more."""
    waiting = (col(Notice.webhook_id) == webhook_id, col(Notice.state).in_(MOVES.before(News.GIVEN_UP)))
    await tx.run(update(Notice).where(*waiting).values(state=MOVES.after(News.GIVEN_UP)))


async def note(tx: Tx, row: Mapping[str, Any]) -> None:
    """Keep a try, where what it was about still stands."""
    rows = await tx.table(columns(exists().where(col(Notice.id) == row["notice_id"])))
    if rows[0][0]:
        await tx.insert(Try, [row])


async def tries(tx: Tx, webhook_id: str, *, limit: int, cursor: str | None) -> paging.Page[Any]:
    """The tries of a webhook, the newest first, each with what has become of its notice."""
    query = (
        columns(*(getattr(Try, name) for name in Try.model_fields), col(Notice.state), col(Notice.due_at))
        .join(Notice, col(Notice.id) == col(Try.notice_id))
        .where(col(Try.webhook_id) == webhook_id)
        .order_by(col(Try.id).desc())
        .limit(limit + 1)
    )
    before = paging.decode(cursor)
    rows = await tx.table(query if before is None else query.where(col(Try.id) < before))
    return paging.Page(rows[:limit], paging.encode(rows[limit - 1].id) if len(rows) > limit else None)


async def oldest(tx: Tx) -> datetime | None:
    """When the first try was made that is still kept."""
    rows = await tx.table(columns(col(Try.at)).order_by(col(Try.id)).limit(1))
    return rows[0].at if rows else None


async def forget(tx: Tx, *, before: datetime, limit: int) -> int:
    """The oldest tries from before then go, with the notices they were about; answers how many tries."""
    first = await tx.table(columns(col(Try.id), col(Try.notice_id), col(Try.at)).order_by(col(Try.id)).limit(limit))
    gone = [row for row in first if row.at < before]
    if gone:
        about = sorted({row.notice_id for row in gone})
        settled = (among(col(Notice.id), about), col(Notice.state) != State.DUE)
        await tx.run(delete(Try).where(among(col(Try.id), [row.id for row in gone])))
        await tx.run(delete(Notice).where(*settled, ~exists().where(col(Try.notice_id) == col(Notice.id))))
    return len(gone)
