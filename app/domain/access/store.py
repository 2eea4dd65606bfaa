"""Every SQL statement of access: centers and keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core import ids, paging
from app.core.bulk import among
from app.core.db import Tx
from app.domain.access.states import Role
from app.domain.access.tables import ApiKey, Center


async def first_center(tx: Tx, name: str) -> str | None:
    """Insert the first center of an empty database; its id, or None when a center already stands. Of several
    processes that start at once, one inserts: they all derive the same id."""
    if await tx.first(select(Center.id)) is not None:
        return None
    row = {"id": ids.derive("cen", name), "name": name, "created_at": tx.now}
    inserted = await tx.run(tx.upsert(Center).values(row).on_conflict_do_nothing().returning(Center.__table__.c.id))  # type: ignore[attr-defined]
    found: str | None = inserted.scalar_one_or_none()
    return found


async def add_center(tx: Tx, name: str) -> Center:
    row = Center(id=ids.new("cen"), name=name, created_at=tx.now)
    await tx.add(row)
    return row


async def center(tx: Tx, center_id: str) -> Center | None:
    return await tx.first(select(Center).where(Center.id == center_id))


async def zones(tx: Tx, center_ids: Sequence[str]) -> dict[str, str | None]:
    """The time zones of these centers, where they name one. Of none, as in most looks of a drain, nobody is asked."""
    rows = await tx.table(_ZONES, {"ids": center_ids}) if center_ids else ()
    return {row.id: row.timezone for row in rows}


_ZONES = columns(col(Center.id), col(Center.timezone)).where(among(col(Center.id), "ids"))


async def centers(tx: Tx) -> list[Center]:
    return await tx.all(select(Center).order_by(col(Center.id)))


async def stop(tx: Tx, center_id: str) -> bool:
    """Throw the center's kill switch; False when it already stood there."""
    switched = await tx.run(
        update(Center).where(col(Center.id) == center_id, col(Center.stopped_at).is_(None)).values(stopped_at=tx.now)
    )
    return switched.rowcount == 1


async def start(tx: Tx, center_id: str) -> bool:
    """Put the kill switch back; False when it was not thrown."""
    switched = await tx.run(
        update(Center).where(col(Center.id) == center_id, col(Center.stopped_at).is_not(None)).values(stopped_at=None)
    )
    return switched.rowcount == 1


async def add_key(tx: Tx, key: ApiKey) -> None:
    await tx.add(key)


async def live_key(tx: Tx, public_id: str) -> ApiKey | None:
    """The key of this public id, unless it was revoked."""
    return await tx.first(select(ApiKey).where(ApiKey.public_id == public_id, col(ApiKey.revoked_at).is_(None)))


async def key(tx: Tx, center_id: str, key_id: str) -> ApiKey | None:
    return await tx.first(select(ApiKey).where(ApiKey.id == key_id, ApiKey.center_id == center_id))


async def keys(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[ApiKey]:
    """A center's keys, revoked ones too, oldest first."""
    query = select(ApiKey).where(ApiKey.center_id == center_id).order_by(col(ApiKey.id))
    after = paging.decode(cursor)
    if after is not None:
        query = query.where(col(ApiKey.id) > after)
    rows = await tx.all(query.limit(limit + 1))
    more = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)


async def lock(tx: Tx, center_id: str) -> None:
    """Hold the center's row until the commit, so that two revocations cannot pass each other."""
    await tx.first(select(Center).where(Center.id == center_id).with_for_update())


async def live_owners(tx: Tx, center_id: str) -> int:
    """How many owner keys of the center are not revoked."""
    owners = select(func.count()).where(
        ApiKey.center_id == center_id, ApiKey.role == Role.OWNER, col(ApiKey.revoked_at).is_(None)
    )
    return int((await tx.table(owners))[0][0])


async def revoke(tx: Tx, key_id: str) -> bool:
    """Revoke a live key; False when it was revoked before."""
    revoked = await tx.run(
        update(ApiKey).where(col(ApiKey.id) == key_id, col(ApiKey.revoked_at).is_(None)).values(revoked_at=tx.now)
    )
    return revoked.rowcount == 1


async def used(tx: Tx, key_id: str, *, every: timedelta) -> None:
    """Note that the key was used now, unless that was noted within `every`."""
    before: datetime = tx.now - every
    await tx.run(
        update(ApiKey)
        .where(col(ApiKey.id) == key_id, or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) <= before))
        .values(last_used_at=tx.now)
    )


async def change_center(tx: Tx, center_id: str, values: Mapping[str, object]) -> None:
    await tx.run(update(Center).where(col(Center.id) == center_id).values(**values))


async def set_stopped(tx: Tx, center_id: str, *, stopped: bool) -> None:
    """Throw or release the center's kill switch; throwing it again keeps the first moment."""
    switch = update(Center).where(col(Center.id) == center_id)
    if stopped:
        await tx.run(switch.where(col(Center.stopped_at).is_(None)).values(stopped_at=tx.now))
    else:
        await tx.run(switch.values(stopped_at=None))
