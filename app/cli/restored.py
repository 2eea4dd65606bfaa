"""`muster restored`: hold everything, because this database came from a backup."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.cli.local import database
from app.cli.terminal import AsJson, show_json
from app.core.marks import Mark
from app.domain.pulse import store as pulse
from app.flows.set_back import hold


def restored(
    *,
    until: Annotated[
        datetime | None,
        typer.Option("--until", help="When the lost database was last at work, in UTC; without it, now."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say that this database was restored from a backup, before a worker runs on it. Every center stops, every delivery
    whose time had come is uncertain, and what may have begun is paused; each kill switch is put back by hand. Workers
    find this out by themselves where the mark of the lost database is still in MUSTER_DATA_DIR or in Redis.

    Example: muster restored --until 2026-11-28T09:30:00
    """
    doubtful = asyncio.run(_restored(until))
    if as_json:
        show_json({"uncertain": doubtful})
        return
    print(f"Everything is held, and {doubtful} deliveries are uncertain. Settle them, then put each kill switch back.")


async def _restored(until: datetime | None) -> int:
    async with database() as (db, _):
        async with db.write() as tx:
            _, was = await pulse.feel(tx)
            at = until.replace(tzinfo=UTC) if until else tx.now
        return await hold(db, was, Mark(was.beats + 1, at))
