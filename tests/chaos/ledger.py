"""Reads the ledger as it stands: every row the checker is to judge, as plain values."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, select
from sqlmodel import SQLModel, col

from app.core.clock import DatabaseClock
from app.core.db import Database, Tx
from app.core.jobs import NoQueue
from app.core.journal import JournalLine
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries.tables import Attempt, Delivery, Gate, Lane
from app.domain.directory.tables import Group, Leader
from app.domain.relays.tables import Relay
from tests.chaos.facts import AttemptRow, CampaignRow, DeliveryRow, GateRow, JournalRow, Ledger, RelayRow


async def read(url: str, *, whole: bool = True) -> Ledger:
    """The ledger; without `whole` only what says whether something still moves."""
    db = Database(url, clock=DatabaseClock(), queue=NoQueue())
    try:
        async with db.read() as tx:
            return Ledger(
                now=datetime.now(UTC),
                campaigns=[CampaignRow(*row) for row in await tx.table(_of(Campaign, "id", "title", "state"))],
                relays=[RelayRow(*row) for row in await _relays(tx)],
                deliveries=[DeliveryRow(*row) for row in await _deliveries(tx)],
                shards={row[0]: row[1] for row in await tx.table(_of(Lane, "account_id", "shard"))},
                gates=[GateRow(*row) for row in await tx.table(_of(Gate, "subject", "until"))],
                journal=[JournalRow(*row) for row in await _journal(tx)] if whole else (),
                attempts=[AttemptRow(*row) for row in await _attempts(tx)] if whole else (),
            )
    finally:
        await db.close()


def _of(table: type[SQLModel], *names: str) -> Any:
    return select(*(col(getattr(table, name)) for name in names))


async def _relays(tx: Tx) -> list[Any]:
    query: Executable = (
        select(
            *(col(each) for each in (Relay.id, Relay.campaign_id, Group.name, Relay.state, Relay.route, Relay.via)),
            col(Leader.name),
            col(Relay.reason),
        )
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
    )
    return await tx.table(query)


async def _deliveries(tx: Tx) -> list[Any]:
    query: Executable = (
        select(
            *(col(getattr(Delivery, name)) for name in ("id", "campaign_id", "kind", "relay_id")),
            col(Group.name),
            col(Leader.name),
            *(col(getattr(Delivery, name)) for name in ("account_id", "chat", "state", "reason", "due_at")),
            *(col(getattr(Delivery, name)) for name in ("lease_until", "resends")),
        )
        .outerjoin(Group, col(Group.id) == col(Delivery.group_id))
        .outerjoin(Leader, col(Leader.id) == col(Delivery.leader_id))
    )
    return await tx.table(query)


async def _journal(tx: Tx) -> list[Any]:
    names = ("seq", "subject", "subject_id", "was", "became", "at")
    return await tx.table(_of(JournalLine, *names).order_by(col(JournalLine.seq)))


async def _attempts(tx: Tx) -> list[Any]:
    return await tx.table(_of(Attempt, "delivery_id", "code", "started_at", "ended_at"))
