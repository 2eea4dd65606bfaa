"""`muster up`, `api`, `worker`, `migrate`: start the service, whole or in parts, and prepare its database."""

import asyncio
import os
import sys
from typing import Annotated, NoReturn

import typer
from alembic.config import Config
from alembic.util import CommandError

from alembic import command
from app.cli.local import LOOK, REFUSALS, reason, sqlite_file
from app.cli.supervisor import Started, supervise
from app.cli.terminal import AsJson, Failed, show_json
from app.core.readiness import SCHEMA_HEAD
from app.core.settings import ROOT, Settings, load

LogJson = Annotated[bool, typer.Option("--json", help="Log as JSON lines, for programs.")]


def up(*, as_json: AsJson = False) -> None:
    """Run everything embedded: migrate the database, then run the API, a worker and, unless MUSTER_REDIS_URL names
    one, a Redis of our own, until Ctrl-C. Prints the address and, on the first start, an owner key.

    Example: muster up
    """
    settings = load()
    _migrate(settings)

    def tell(started: Started) -> None:
        if as_json:
            show_json({"address": started.address, "key": started.key})
            return
        print(f"Muster is up on {started.address}; its API is described under /docs. Ctrl-C stops it.")
        if started.key:
            print(f"Your first key, shown this once: {started.key}")
        sys.stdout.flush()

    asyncio.run(supervise(settings, tell))
    if not as_json:
        print("Muster has stopped.")


def api(*, as_json: LogJson = False) -> None:
    """Run the API alone, against MUSTER_DATABASE_URL and MUSTER_REDIS_URL.

    Example: muster api
    """
    _become("app.main", as_json=as_json)


def worker(*, as_json: LogJson = False) -> None:
    """Run one worker alone, against MUSTER_DATABASE_URL and MUSTER_REDIS_URL. Run as many as you like.

    Example: muster worker
    """
    _become("workers", as_json=as_json)


def migrate(
    *,
    down: Annotated[str | None, typer.Option(metavar="REVISION", help="Go back to this revision instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the database's schema up to date, or back down to a revision (`base` takes everything away).

    Example: muster migrate
    """
    revision = _migrate(load(), down=down)
    if as_json:
        show_json({"revision": revision})
        return
    print(f"The database stands at revision {revision}.")


def _migrate(settings: Settings, *, down: str | None = None) -> str | None:
    """Run the migrations; answers the revision they end at. Raises Failed."""
    path = sqlite_file(settings)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", settings.database.replace("%", "%%"))
    try:
        if down is None:
            command.upgrade(config, "head")
            return SCHEMA_HEAD
        command.downgrade(config, down)
    except CommandError as error:
        raise Failed(f"The migration did not run: {error}") from error
    except REFUSALS as error:
        raise Failed(f"The database could not be migrated: {reason(error)}. {LOOK}") from error
    return down


def _become(module: str, *, as_json: bool) -> NoReturn:
    load()
    if as_json:
        os.environ["MUSTER_LOG_FORMAT"] = "json"
    os.execv(sys.executable, [sys.executable, "-m", module])  # noqa: S606 - this process becomes that one
