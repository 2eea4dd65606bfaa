"""What a doctor asks of a running house: who works, what time it is there, and which secrets are kept."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.core.clock import wall_clock
from app.core.db import Tx
from app.domain.accounts.tables import Account
from app.domain.directory.tables import Group, Leader
from app.domain.invitations.tables import Invitation
from app.domain.shards.rules import ALIVE
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
    rows = await tx.table(select(func.count()).select_from(Worker).where(col(Worker.seen_at) > tx.now - ALIVE))
    return int(rows[0][0])


async def database_now(tx: Tx) -> datetime:
    """The database's own clock; SQLite's is this machine's."""
    if tx.dialect == "sqlite":
        return wall_clock()
    rows = await tx.table(select(func.clock_timestamp()))
    moment: datetime = rows[0][0]
    return moment
