"""The database as commands open it directly, on the machine that holds it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.cli.terminal import Failed
from app.core.db import Database, Tx
from app.core.logs import redact
from app.core.outages import is_outage
from app.core.readiness import schema_is_current
from app.core.secrets import Vault, keys_in
from app.core.settings import Settings, load
from app.domain.access import service

ACTOR = "command line"
LOOK = "Check MUSTER_DATABASE_URL, and `muster doctor`."
REFUSALS = (SQLAlchemyError, asyncpg.PostgresError, OSError)
"""How a database that cannot be opened shows itself: away, unknown there, wrong password, no permission."""


@asynccontextmanager
async def database() -> AsyncIterator[tuple[Database, Vault]]:
    """The database and the vault these settings name. Raises Failed when it is missing, away or of another schema."""
    settings = load()
    path = sqlite_file(settings)
    if path is not None and not path.exists():
        raise Failed(f"There is no database at {path} yet. Run `muster migrate`, or `muster up`, which does it.")
    db = Database(settings.database)
    try:
        await _expect_current(db)
        yield db, vault(settings)
    except Exception as error:
        if not is_outage(error):
            raise
        raise Failed(f"The database does not answer: {reason(error)}. {LOOK}") from error
    finally:
        await db.close()


async def _expect_current(db: Database) -> None:
    """Connect for the first time. Raises Failed."""
    try:
        await db.follow_clock()
        async with db.read() as tx:
            current = await schema_is_current(tx)
    except REFUSALS as error:
        raise Failed(f"The database does not answer: {reason(error)}. {LOOK}") from error
    if not current:
        raise Failed("The database has another schema than this program. Run `muster migrate`.")


def reason(error: BaseException) -> str:
    """Why a database refused, as it said itself, on one line and without credentials."""
    told = str(getattr(error, "orig", None) or error).strip().splitlines()
    return redact(told[0]).rstrip(".") if told else type(error).__name__


def vault(settings: Settings) -> Vault:
    """The vault with the keys of the settings, else with the key in the data directory."""
    return Vault([key.get_secret_value() for key in settings.secret_keys] or keys_in(settings.data_dir))


def sqlite_file(settings: Settings) -> Path | None:
    """Where the database lies when it is a file."""
    address = make_url(settings.database)
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None


async def center_named(tx: Tx, name: str | None) -> str:
    """The id of the center with this name or id; without a name, of the only one. Raises Failed."""
    centers = await service.centers(tx)
    found = [center.id for center in centers if name in {None, center.id, center.name}]
    if len(found) == 1:
        return found[0]
    if not centers:
        raise Failed("There is no center yet. `muster keys create --role owner` makes the first one and its key.")
    choice = ", ".join(f"{center.name} ({center.id})" for center in centers)
    raise Failed(f"Which center? Name one with --center: {choice}.")
