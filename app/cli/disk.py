"""Whether the database can write, and whether what it has written outlives a power cut."""

import shutil
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.cli.checks import Check, State
from app.cli.local import reason, sqlite_file
from app.core.db import Database
from app.core.refusals import refusal
from app.core.settings import Settings
from app.reports import house

ROOM_WARN = 1024**3
ROOM_FAIL = 64 * 1024**2


async def disk(db: Database, settings: Settings) -> Check:
    """Write something and take it back; look how much room is left, or what the server would forget."""
    try:
        async with db.read() as tx:  # nothing that is only read is ever committed
            await house.try_to_write(tx)
    except DBAPIError as error:
        why = refusal(error)
        if why is None:
            return Check("disk", State.WARN, f"a trial write failed: {reason(error)}", "Ask your database's keeper.")
        remedy = "Make room, or name the one that writes. Nothing is sent meanwhile, and nothing is lost."
        return Check("disk", State.FAIL, f"the database takes no writes: {why}", remedy)
    path = sqlite_file(settings)
    return _room(path) if path is not None else await _outlives(db)


def _room(path: Path) -> Check:
    free = shutil.disk_usage(path.parent).free
    if free >= ROOM_WARN:
        return Check("disk", State.OK, "the database can write, and has room")
    state = State.FAIL if free < ROOM_FAIL else State.WARN
    return Check(
        "disk", state, f"{free // 1024**2} MB are left beside the database", "Make room: a full disk stops all."
    )


async def _outlives(db: Database) -> Check:
    async with db.read() as tx:
        off = await house.forgetful(tx)
    if not off:
        return Check("disk", State.OK, "the database can write, and what it has written outlives a power cut")
    found = f"PostgreSQL runs with {', '.join(f'{name}=off' for name in off)}"
    remedy = "Switch it on: after a power cut, groups could be posted to twice, or the database be broken."
    return Check("disk", State.WARN, found, remedy)
