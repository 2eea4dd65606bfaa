"""Every SQL statement of accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy import select as columns
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.core import ids, paging
from app.core.bulk import among
from app.core.db import Tx
from app.core.errors import Conflict
from app.core.text import comparable
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account


async def by_name(tx: Tx, center_id: str) -> dict[str, Account]:
    """A center's accounts, by their comparable names."""
    return {account.name_key: account for account in await of_center(tx, center_id)}


async def of_center(tx: Tx, center_id: str) -> list[Account]:
    return await tx.all(select(Account).where(Account.center_id == center_id).order_by(col(Account.id)))


async def get(tx: Tx, account_ids: Sequence[str]) -> list[Account]:
    """These accounts, of whatever center; unknown ids are left out."""
    if not account_ids:
        return []
    return await tx.all(select(Account).where(among(col(Account.id), account_ids)).order_by(col(Account.id)))


async def going_by(tx: Tx, channels: Sequence[str]) -> list[str]:
    """The active accounts of all centers that go one of these ways, by id."""
    return [row.id for row in await tx.table(_GOING_BY, {"channels": channels})]


_GOING_BY = (
    columns(col(Account.id))
    .where(among(col(Account.channel), "channels"), col(Account.status) == Status.ACTIVE)
    .order_by(col(Account.id))
)


async def senders(tx: Tx, account_ids: Sequence[str]) -> list[Any]:
    """(id, channel, base_url, secret_box, speaks_since) of these accounts: what it takes to speak for them."""
    return await tx.table(_SENDERS, {"ids": account_ids})


_SPEAKS = (Account.id, Account.channel, Account.base_url, Account.secret_box, Account.speaks_since)
_SENDERS = columns(*map(col, _SPEAKS)).where(among(col(Account.id), "ids"))


async def paced(tx: Tx, account_ids: Sequence[str]) -> list[Any]:
    """(id, channel, pace_key, limits) of these accounts and of all that share limits with one of them."""
    if not account_ids:
        return []
    return await tx.table(_PACED, {"ids": account_ids})


async def beside(tx: Tx, account_id: str) -> list[str]:
    """All accounts of this one's platform, of whatever center, by id."""
    own = columns(col(_MEMBER.platform)).where(col(_MEMBER.id) == account_id).scalar_subquery()
    theirs = columns(col(Account.id)).where(col(Account.platform) == own).order_by(col(Account.id))
    return [row.id for row in await tx.table(theirs)]


_MEMBER = aliased(Account)
_PACED = (
    columns(col(Account.id), col(Account.channel), col(Account.pace_key), col(Account.limits))
    .where(
        or_(
            among(col(Account.id), "ids"),
            col(Account.pace_key).in_(columns(col(_MEMBER.pace_key)).where(among(col(_MEMBER.id), "ids"))),
        )
    )
    .order_by(col(Account.id))
)


async def pace_keys(tx: Tx, account_ids: Sequence[str]) -> dict[str, str]:
    """For each account, what names the sender it is to its platform: a shared key, or its own id. It stays what it is
    until the end of this transaction."""
    query = columns(col(Account.id), col(Account.pace_key)).where(among(col(Account.id), account_ids))
    return {row.id: row.pace_key or row.id for row in await tx.table(query.with_for_update(read=True))}


async def find(tx: Tx, center_id: str, account_id: str, *, lock: bool = False) -> Account | None:
    query = select(Account).where(Account.id == account_id, Account.center_id == center_id)
    return await tx.first(query.with_for_update() if lock else query)


async def page(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Account]:
    """A center's accounts, oldest first."""
    query = select(Account).where(Account.center_id == center_id).order_by(col(Account.id))
    after = paging.decode(cursor)
    if after is not None:
        query = query.where(col(Account.id) > after)
    rows = await tx.all(query.limit(limit + 1))
    more = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)


async def ensure(tx: Tx, center_id: str, platform: str, *, pace_key: str | None = None) -> Account:
    """The account named like the platform, created without a secret when it is missing. Where that name belongs to
    an account of another platform, the next free number is added. Of several callers, one creates."""
    for number in count(1):
        name = platform if number == 1 else f"{platform} {number}"
        named = {"id": ids.new("acc"), "center_id": center_id, "name": name, "pace_key": pace_key}
        await create(tx, {**named, "platform": platform, "channel": platform})
        query = select(Account).where(Account.center_id == center_id, Account.name_key == comparable(name))
        account = await tx.first(query)
        assert account is not None
        if account.platform == platform:
            return account
    raise AssertionError("numbers do not end")


async def create(tx: Tx, values: Mapping[str, Any]) -> bool:
    """Insert an active account; False when its name is taken in this center."""
    row = {
        "secret_hint": "",
        "status": Status.ACTIVE,
        "status_reason": "",
        "created_at": tx.now,
        "updated_at": tx.now,
        **values,
        "name_key": comparable(values["name"]),
    }
    insert = tx.upsert(Account).values(row).on_conflict_do_nothing(index_elements=["center_id", "name_key"])
    return (await tx.run(insert)).rowcount == 1


async def change(tx: Tx, account_id: str, values: Mapping[str, Any]) -> None:
    """Set these columns. Raises Conflict when a new name is taken in this center."""
    row = dict(values)
    if "name" in row:
        row["name_key"] = comparable(row["name"])
    try:
        await tx.run(update(Account).where(col(Account.id) == account_id).values(**row, updated_at=tx.now))
    except IntegrityError:
        raise name_taken(str(row.get("name"))) from None


async def speaks(tx: Tx, account_id: str, *, since: datetime) -> None:
    """From then on it is somebody else to its platform than before."""
    await tx.run(update(Account).where(col(Account.id) == account_id).values(speaks_since=since))


async def refuse(tx: Tx, account_id: str, reason: str, *, said_at: datetime | None = None) -> bool:
    """The platform refused the credential. True for the one caller who turns the account from active to refused; a
    word from before the account was last changed, `said_at`, was about another secret and counts for nothing."""
    current = col(Account.updated_at) <= (said_at or tx.now)
    refused = await tx.run(
        update(Account)
        .where(col(Account.id) == account_id, col(Account.status) == Status.ACTIVE, current)
        .values(status=Status.REFUSED, status_reason=reason, updated_at=tx.now)
    )
    return refused.rowcount == 1


def name_taken(name: str) -> Conflict:
    return Conflict("name_taken", f"This center already has an account named “{name}”.")
