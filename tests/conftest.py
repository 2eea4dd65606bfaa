"""Fixtures: every test that asks for `database_url` runs on SQLite and on PostgreSQL, each time on a fresh database."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import structlog
from alembic.config import Config
from hypothesis import settings

from alembic import command
from app.core.clock import ManualClock
from app.core.db import Database
from app.core.jobs import RecordingQueue
from app.core.redis import EmbeddedRedis
from app.core.settings import ROOT
from tests import compiled
from tests.servers import postgres_server

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

for name in [name for name in os.environ if name.startswith("MUSTER_")]:
    del os.environ[name]

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
TEMPLATE = f"template_muster_{WORKER}"
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30

_numbers = count(1)


def pytest_configure() -> None:
    """What the tests write, they write into memory where there is room. On a disk, PostgreSQL needs half a second for
    a fresh database (here 0.02 s), and SQLite waits for every commit. No test can tell: none takes the power away. What
    they log of an exception is its lines: a picture of all it held takes seconds of processor."""
    settings.register_profile("muster", deadline=None)  # a busy machine takes its time, and that is no finding
    settings.load_profile("muster")
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    if "PYTEST_XDIST_WORKER" in os.environ:  # who measures time, alone, compiles for himself
        compiled.share()
    if "TMPDIR" not in os.environ and _roomy(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: looking through them for rubbish is a tenth of the run."""
    gc.collect()
    gc.freeze()


def _roomy(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC  # programs are installed there


def migrate(url: str, revision: str = "head") -> None:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, revision)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "muster.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A running server with a migrated database to copy, named TEMPLATE."""
    with postgres_server() as base:
        asyncio.run(_admin(base, f"CREATE DATABASE {TEMPLATE}"))
        migrate(f"{base}{TEMPLATE}")
        yield base


async def _admin(base: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{base}postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database; the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "muster.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    base: str = request.getfixturevalue("postgres")
    name = f"test_{WORKER}_{next(_numbers)}"
    copy = "STRATEGY FILE_COPY"  # half the work of one that goes through the log
    asyncio.run(_admin(base, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} {copy}"))
    yield f"{base}{name}"
    asyncio.run(_admin(base, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T0)


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
async def db(database_url: str, clock: ManualClock, queue: RecordingQueue) -> AsyncIterator[Database]:
    database = Database(database_url, clock=clock, queue=queue)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis-compatible server for the whole run."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()
