"""What a doctor asks of a running house: who works, what time it is there, and which secrets are kept."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import col

from app.core.clock import wall_clock
from app.core.db import Tx
from app.domain.accounts.tables import Account
from app.domain.directory.tables import Group, Leader
from app.domain.invitations.tables import Invitation
from app.domain.shards.rules import LEASE
from app.domain.shards.tables import Worker
from app.domain.webhooks.tables import Webhook

SLICE = 2_000
"""Secrets read at once."""

BOXES = (
    (Account, Account.secret_box),
    (Group, Group.secret_box),
    (Leader, Leader.contact_box),
    (Invitation, Invitation.contact_box),
    (Webhook, Webhook.secret_box),
)


async def boxes(tx: Tx) -> AsyncIterator[list[tuple[str, str]]]:
    """`(owner's id, sealed box)`, some at a time, of every center."""
    for table, box in BOXES:
        after = ""
        while True:
            query = select(col(table.id), col(box)).where(col(box).is_not(None), col(table.id) > after)
            rows: list[Any] = await tx.table(query.order_by(col(table.id)).limit(SLICE))
            if not rows:
                break
            yield [(row[0], row[1]) for row in rows]
            after = rows[-1][0]


async def workers_alive(tx: Tx) -> int:
    """How many workers reported in of late."""
    rows = await tx.table(select(func.count()).select_from(Worker).where(col(Worker.seen_at) > tx.now - LEASE))
    return int(rows[0][0])


async def database_now(tx: Tx) -> datetime:
    """The database's own clock; SQLite's is this machine's."""
    if tx.dialect == "sqlite":
        return wall_clock()
    rows = await tx.table(select(func.clock_timestamp()))
    moment: datetime = rows[0][0]
    return moment


async def try_to_write(tx: Tx) -> None:
    """Take a megabyte of room, in a transaction that is never committed. Raises DBAPIError. What SQLite has not
    committed needs no room on the disk: there it only finds a file that cannot be written to."""
    large = "CREATE TEMPORARY TABLE muster_trial AS SELECT md5(n::text) AS word FROM generate_series(1, 16000) n"
    await tx.run(text(large if tx.dialect == "postgresql" else "CREATE TABLE muster_trial (word TEXT)"))


async def forgetful(tx: Tx) -> list[str]:
    """Which of PostgreSQL's promises about a power cut are switched off."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    return [name for name in names if (await tx.table(text(f"SHOW {name}")))[0][0] == "off"]
