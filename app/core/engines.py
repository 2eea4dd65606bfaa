"""Where connections come from, and how each of them is set up.

SQLite's defaults lose updates without an error: its writers begin with BEGIN IMMEDIATE here and share one
connection per process; `synchronous=FULL` keeps a `sent` mark over a power cut.
"""

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.sqlite import BUSY_S, Line

ASK_AFTER_S = 1.0
SETTINGS = {
    "jit": "off",
    "application_name": "muster",
    "timezone": "UTC",
    "random_page_cost": "1.1",  # a disk without moving parts: many rows by their ids are no reason to read the table
    "idle_in_transaction_session_timeout": "30000",  # ms: whoever freezes in mid-transaction lets go of its rows
}
PRAGMAS = (
    f"busy_timeout={BUSY_S * 1000:.0f}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=8000",  # pages: a commit of the drain touches hundreds, and each checkpoint writes them again
    "cache_size=-8192",  # KiB for each connection; what is read often lies in the memory of the system as well
)


def driver(url: str) -> Any:
    """The address with the driver we use, whatever driver or short form was given."""
    address = make_url(url)
    backend = address.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+asyncpg")
    if backend == "sqlite":
        return address.set(drivername="sqlite+aiosqlite")
    raise ValueError(f"unknown database {backend!r}; use sqlite:/// or postgresql://")


def engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """The one that writes and the one that reads; on PostgreSQL they are the same. A reader has a transaction, too: a
    stop waits for claims by a lock that it takes in one (`shards.outlast`)."""
    address = driver(url)
    if address.get_backend_name() == "postgresql":
        engine = create_async_engine(
            address,
            pool_size=10,
            hide_parameters=True,
            max_overflow=10,
            connect_args={"server_settings": SETTINGS},
        )
        _ask_the_idle(engine)
        return engine, engine
    if sqlite3.sqlite_version_info < (3, 38):
        raise RuntimeError(f"SQLite 3.38 or newer is needed, not {sqlite3.sqlite_version}; or use PostgreSQL")
    connect = {"async_creator_fn": Line.to, "isolation_level": None}
    writer = create_async_engine(
        address, pool_size=1, max_overflow=0, pool_timeout=60, connect_args=connect, hide_parameters=True
    )
    reader = create_async_engine(address, pool_size=5, max_overflow=5, connect_args=connect, hide_parameters=True)
    for engine, begin in ((writer, "BEGIN IMMEDIATE"), (reader, "BEGIN")):
        _prepare_sqlite(engine, begin)
    return writer, reader


def loose(reader: AsyncEngine) -> AsyncEngine:
    """The same connections, for statements that need not be of one transaction. On PostgreSQL its beginning and its end
    are a journey each; on SQLite both cost nothing."""
    return reader if reader.dialect.name == "sqlite" else reader.execution_options(isolation_level="AUTOCOMMIT")


def _ask_the_idle(engine: AsyncEngine) -> None:
    """Ask a connection whether it still stands before it is lent, but only if it has lain idle: the drain lends its
    own fifteen times a second."""

    @event.listens_for(engine.sync_engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) > ASK_AFTER_S:
            try:
                engine.dialect.do_ping(connection)
            except Exception as error:
                raise DisconnectionError("the connection broke while it lay idle") from error


def _prepare_sqlite(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
