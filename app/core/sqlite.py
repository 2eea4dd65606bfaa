"""SQLite through aiosqlite, with one visit to the connection's thread for each statement.

SQLAlchemy asks a driver's cursor four things in turn (open, execute, fetch, close); aiosqlite carries each of them to
its thread, and each time the event loop and that thread take turns at the interpreter. Here the rows come back with the
statement, and the rest costs nothing: three visits of four are spared.

Even one visit is dear beside a busy event loop: Python's lock changes hands for each row, and the loop keeps it for
milliseconds. A line that is `brief` runs its statements on the spot, and undoes on the spot what was not committed;
only what may wait, for another writer or for the disk, still goes to the thread.

A writer that waits for another process looks every few milliseconds whether it may begin. SQLite's own patience looks
ten times a second, and misses the moment between two batches of a plan: a stop would wait for the whole of it.
"""

import sqlite3
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Self

import aiosqlite

BUSY_S = 15.0
"""As long as this a statement waits for another process; then SQLite says that the database is locked."""
TURN_MS = 5
"""For so long SQLite is asked to wait at a time: it looks after one, two and two more milliseconds."""


def _in_turn(do: Callable[..., Any], connection: sqlite3.Connection, *what: Any) -> Any:
    """Do what may have to wait for another writer, and look at every turn whether it is gone."""
    until = time.monotonic() + BUSY_S
    connection.execute(f"PRAGMA busy_timeout={TURN_MS}")
    try:
        while True:
            try:
                return do(connection, *what)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_S * 1000:.0f}")


class Line(aiosqlite.Connection):
    """A connection. Made by `Line.to`, which takes what `sqlite3.connect` takes."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True
        self.brief = False

    @classmethod
    def to(cls, *where: Any, **how: Any) -> Self:
        return cls(lambda: sqlite3.connect(*where, **{**how, "check_same_thread": False}))

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def visit(self, do: Callable[..., Any], statement: str, *arguments: Any) -> Any:
        """Do it with the connection: in its thread, or here and now where it is brief and cannot wait."""
        if statement.startswith("BEGIN IMMEDIATE"):
            do = partial(_in_turn, do)
        elif self.brief:
            return do(self._conn, statement, *arguments)
        return await self._execute(do, self._conn, statement, *arguments)  # type: ignore[no-untyped-call]

    async def rollback(self) -> None:
        """Also the end of whatever was only read, and asked once more after every commit."""
        if self.brief:
            self._conn.rollback()
        else:
            await super().rollback()


class Cursor:
    """What a driver's cursor offers SQLAlchemy. It exists in SQLite only while its statement runs."""

    arraysize = 1
    description: Any = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, line: Line) -> None:
        self._line = line
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        await self._line.visit(self._say, statement, parameters)
        return self

    async def executemany(self, statement: str, rows: Any) -> Self:
        await self._line.visit(self._say_often, statement, rows)
        return self

    def _say(self, connection: sqlite3.Connection, statement: str, parameters: Any) -> None:
        self._keep(connection.execute(statement, parameters))

    def _say_often(self, connection: sqlite3.Connection, statement: str, rows: Any) -> None:
        self._keep(connection.executemany(statement, rows))

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self._rows = cursor.fetchall() if cursor.description else []
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        cursor.close()

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """There is nothing left to close."""
