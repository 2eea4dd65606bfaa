"""Who held which shards: looked up in the ledger, twice a second, while a run goes on."""

import asyncio
import contextlib
import json
import time

import asyncpg
from sqlalchemy import select
from sqlmodel import col

from app.core.clock import DatabaseClock
from app.core.db import TROUBLE, Database
from app.core.jobs import NoQueue
from app.domain.shards.tables import Shard
from tests.chaos.facts import Look

_EVERY_S = 0.5
_AWAY = (*TROUBLE, asyncpg.PostgresError, asyncpg.InterfaceError)
_HELD = select(col(Shard.id), col(Shard.holder)).where(col(Shard.id) >= 0, col(Shard.holder).is_not(None))


async def watch_holders(url: str, looks: list[Look]) -> None:
    """Look, and look again, until cancelled. A database that is away, or takes long to answer, leaves a gap."""
    db = Database(url, clock=DatabaseClock(), queue=NoQueue())
    try:
        while True:
            began = time.monotonic()
            with contextlib.suppress(*_AWAY):
                async with db.read() as tx:
                    holders = {row.id: row.holder for row in await tx.table(_HELD)}
                if time.monotonic() - began < _EVERY_S:
                    looks.append(Look(began, holders))
            await asyncio.sleep(_EVERY_S)
    finally:
        await db.close()


def worker_in(told: str) -> str:
    """The worker that a process says it is; empty before it says so."""
    found = ""
    for line in told.splitlines():
        if '"worker_started"' in line:
            with contextlib.suppress(ValueError):
                found = str(json.loads(line)["worker"])
    return found
