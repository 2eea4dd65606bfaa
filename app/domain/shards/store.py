"""Every SQL statement on shards: leases judged by the database's clock, one holder each."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, or_, text, update
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.db import Tx
from app.domain.shards.rules import KEEPER, LEASE, SHARDS
from app.domain.shards.tables import Shard, Worker

_AMONG = col(Shard.id).in_(bindparam("shards", expanding=True))
_FREE = or_(col(Shard.holder).is_(None), col(Shard.lease_until) <= bindparam("now"))
_SEEN = update(Worker).where(col(Worker.id) == bindparam("worker")).values(seen_at=bindparam("now"))
_LIVING = columns(func.count()).where(col(Worker.seen_at) > bindparam("since"))
_RENEWED = (
    update(Shard)
    .where(_AMONG, col(Shard.holder) == bindparam("whose"), col(Shard.lease_until) > bindparam("now"))
    .values(lease_until=bindparam("until"))
    .returning(col(Shard.id))
)
_TO_TAKE = (
    columns(col(Shard.id)).where(col(Shard.id) >= 0, _FREE).limit(bindparam("most")).with_for_update(skip_locked=True)
)
_ANY_FREE = columns(col(Shard.id)).where(col(Shard.id) >= 0, _FREE).limit(1)
_SEIZED = (
    update(Shard)
    .where(_AMONG, _FREE)
    .values(holder=bindparam("whose"), fence=col(Shard.fence) + 1, lease_until=bindparam("until"))
    .returning(col(Shard.id))
)


async def lay_out(tx: Tx) -> None:
    """Make sure every shard, and the keeper's chair, has its row."""
    await tx.insert(Shard, [{"id": number, "fence": 0} for number in range(KEEPER, SHARDS)], once=True)


async def report_in(tx: Tx, worker_id: str) -> int:
    """Say that this worker lives; answers how many do. Whoever is not heard of for as long as a lease lasts does not:
    what he held is shared out the moment it is free."""
    if (await tx.run(_SEEN, {"worker": worker_id, "now": tx.now})).rowcount == 0:
        await tx.insert(Worker, [{"id": worker_id, "started_at": tx.now, "seen_at": tx.now}], once=True)
    rows = await tx.table(_LIVING, {"since": tx.now - LEASE})
    return int(rows[0][0])


async def renew(tx: Tx, worker_id: str, shards: Sequence[int]) -> list[int]:
    """Prolong the leases that are still this worker's; answers them. Holding the rows until the commit, so that
    nobody takes a shard over between this check and what else the transaction does."""
    mine = {"shards": shards, "whose": worker_id, "now": tx.now, "until": tx.now + LEASE}
    return [row.id for row in await tx.run(_RENEWED, mine)]


async def any_free(tx: Tx) -> bool:
    """Whether there is a shard that nobody holds."""
    return bool(await tx.table(_ANY_FREE, {"now": tx.now}))


async def take(tx: Tx, worker_id: str, *, most: int) -> list[int]:
    """Take shards that nobody holds, under a new fence."""
    free = await tx.table(_TO_TAKE, {"most": most, "now": tx.now})
    return await _seize(tx, worker_id, [row.id for row in free]) if free else []


async def sit(tx: Tx, worker_id: str) -> bool:
    """Take or keep the keeper's chair; answers whether this worker sits in it."""
    return bool(await renew(tx, worker_id, [KEEPER]) or await _seize(tx, worker_id, [KEEPER]))


async def _seize(tx: Tx, worker_id: str, shards: Sequence[int]) -> list[int]:
    ours = {"shards": shards, "whose": worker_id, "now": tx.now, "until": tx.now + LEASE}
    return [row.id for row in await tx.run(_SEIZED, ours)]


async def release(tx: Tx, worker_id: str, shards: Sequence[int]) -> None:
    """Give shards back, for others to take at once."""
    await tx.run(
        update(Shard)
        .where(col(Shard.id).in_(shards), col(Shard.holder) == worker_id)
        .values(holder=None, lease_until=None)
    )


async def leave(tx: Tx, worker_id: str) -> None:
    """Everything this worker held is free, and it no longer counts among the living."""
    await tx.run(update(Shard).where(col(Shard.holder) == worker_id).values(holder=None, lease_until=None))
    await tx.run(delete(Worker).where(col(Worker.id) == worker_id))


async def outlast(tx: Tx) -> None:
    """Wait until every transaction that holds a shard at this moment has ended, two seconds at the most (then the
    database raises). On SQLite a writer has waited for the one before it when it begins: nothing is left."""
    if tx.dialect == "postgresql":
        await tx.run(text("SET LOCAL lock_timeout = '2s'"))
        await tx.run(text("LOCK TABLE shard IN SHARE MODE"))
