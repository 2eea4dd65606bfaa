"""The database: one way to read, one way to write, the same rules on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import CursorResult, DateTime, Dialect, Enum, TypeDecorator, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, AsyncTransaction
from sqlalchemy.sql.base import Executable
from sqlmodel import SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from app.core import bulk
from app.core.clock import Clock, DatabaseClock, seconds, wall_clock
from app.core.engines import engines, loose
from app.core.jobs import Hint, Job, NoQueue, Queue
from app.core.refusals import Refusals
from app.core.sqlite import Line

Row = TypeVar("Row")

TROUBLE = (DBAPIError, PoolTimeout, OSError)
"""What a database that is away, or just coming back, looks like from here."""

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

LINES = 2_000
"""Rows for one statement: JSON of some hundred kilobytes."""


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database, refused when naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must know its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(kind: type[StrEnum], name: str) -> Enum:
    """A column type for a closed set of words: text with a named CHECK, on both databases."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


class Tx:
    """One transaction. Stores speak SQL through it; `then` promises a job for after the commit."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self.now = now
        self.dialect = connection.dialect.name
        self.promised: list[Hint] = []
        self._connection = connection
        self._session: AsyncSession | None = None
        self._late: dict[tuple[type[SQLModel], tuple[str, ...]], list[Sequence[Any]]] = {}

    @property
    def session(self) -> AsyncSession:
        """For whole entities; what names its columns does without."""
        if self._session is None:
            self._session = AsyncSession(self._connection, expire_on_commit=False, autoflush=False)
        return self._session

    def then(self, job: Job, *ids: str) -> None:
        """Hint at this job once the transaction is committed, and only then."""
        if (job, ids) not in self.promised:
            self.promised.append((job, ids))

    def at_end(self, into: type[SQLModel], names: tuple[str, ...], lines: Iterable[Sequence[Any]]) -> None:
        """Have these inserted just before the commit, with all others for it; each the values of these columns."""
        self._late.setdefault((into, names), []).extend(lines)

    async def finish(self) -> None:
        """Write what was left for the end: on PostgreSQL, where each statement is a journey, with one."""
        late = {where: lines for where, lines in self._late.items() if lines}
        self._late = {}
        if self.dialect == "postgresql" and len(late) > 1 and max(map(len, late.values())) <= bulk.MANY:
            tables = tuple((into.__table__, names) for into, names in late)  # type: ignore[attr-defined]
            await self.run(bulk.insert_all(tables), bulk.all_as_json(late.values()))
            return
        for (into, names), lines in late.items():
            await self.insert_lines(into, names, lines)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def run(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Execute a statement; the result's `rowcount` says whether a conditional UPDATE won."""
        return await self._connection.execute(statement, rows)

    async def hurry(self, milliseconds: int) -> None:
        """Rather fail than wait longer than this for one row that another transaction holds. SQLite has no such."""
        if self.dialect == "postgresql":
            await self.run(text(f"SET LOCAL lock_timeout = {milliseconds:d}"))

    def savepoint(self) -> AsyncTransaction:
        """`async with` it: what fails inside is undone alone."""
        return self._connection.begin_nested()

    async def all(self, statement: SelectOfScalar[Row], values: Mapping[str, Any] | None = None) -> list[Row]:
        """Every row of a single-entity SELECT, as detached values read afresh."""
        result = await self.session.execute(statement, values, execution_options={"populate_existing": True})
        return list(result.scalars())

    async def first(self, statement: SelectOfScalar[Row]) -> Row | None:
        rows = await self.all(statement.limit(1))
        return rows[0] if rows else None

    async def table(self, statement: Executable, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Every row of a SELECT of several columns, as named tuples."""
        return list((await self._connection.execute(statement, values)).all())

    async def joined(self, statement: Executable) -> list[Any]:
        """Every row of a SELECT that names whole entities, as tuples of them."""
        return list((await self.session.execute(statement)).all())

    async def add(self, *rows: SQLModel) -> None:
        """Insert these rows now, so that a broken constraint is met here."""
        self.session.add_all(rows)
        await self.session.flush()

    async def insert(self, into: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, once: bool = False) -> None:
        """Insert many rows that all name the same columns; with `once`, rows that already stand are left as they
        are."""
        if rows:
            names = tuple(rows[0])
            assert {*map(len, rows)} == {len(names)}, "rows of different columns"
            await self.insert_lines(into, names, [[*map(row.__getitem__, names)] for row in rows], once=once)

    async def insert_lines(
        self, into: type[SQLModel], names: tuple[str, ...], lines: Sequence[Sequence[Any]], *, once: bool = False
    ) -> None:
        """Insert many rows, each the values of these columns in their order."""
        table = into.__table__  # type: ignore[attr-defined]
        for start in range(0, len(lines), LINES):
            await self.run(*bulk.insert(table, names, lines[start : start + LINES], self.dialect, once=once))

    async def update_lines(self, table: type[SQLModel], names: tuple[str, ...], lines: Sequence[Sequence[Any]]) -> None:
        """Set columns of many rows, each line the values of these columns in their order; the first names the row."""
        changed = table.__table__  # type: ignore[attr-defined]
        for start in range(0, len(lines), LINES):
            await self.run(*bulk.update(changed, names, lines[start : start + LINES], self.dialect))

    async def learn(self, *tables: type[SQLModel]) -> None:
        """Let the database count what many new rows have made of these tables. PostgreSQL plans by its counts, and
        takes them anew only every minute; until then it would read all of a table it believes to be empty."""
        if self.dialect == "postgresql":
            names = ", ".join(f'"{table.__table__.name}"' for table in tables)  # type: ignore[attr-defined]
            await self.run(text(f"ANALYZE {names}"))

    def upsert(self, into: type[SQLModel]) -> "postgresql.Insert | sqlite.Insert":
        """This database's INSERT, the one that knows ON CONFLICT."""
        table = into.__table__  # type: ignore[attr-defined]
        return postgresql.insert(table) if self.dialect == "postgresql" else sqlite.insert(table)


class Database:
    """Opens transactions. `write` commits at the end of the block and then sends the promised hints."""

    def __init__(self, url: str, *, clock: Clock | None = None, queue: Queue | None = None) -> None:
        self.clock: Clock = clock or DatabaseClock()
        self.queue: Queue = queue or NoQueue()
        self._writer, self._reader = engines(url)
        self._loose = loose(self._reader)
        self.dialect = self._writer.dialect.name
        self.refusals = Refusals()

    @asynccontextmanager
    async def write(self, *, brief: bool = False) -> AsyncIterator[Tx]:
        """`brief`: each of its statements is a matter of a few milliseconds, and may hold up the event loop."""
        with self.refusals.told():
            async with self._writer.begin() as connection:  # SQLite waits for the other writers: only then is it now
                await self._lasting(connection, brief=brief)
                tx = Tx(connection, self.clock.now())
                try:
                    yield tx
                    await tx.finish()
                finally:
                    await tx.close()
        for job, ids in tx.promised:
            await self.queue.put(job, *ids)

    async def _lasting(self, connection: AsyncConnection, *, brief: bool) -> None:
        """Say of this connection how long its statements last until it is lent again."""
        if self.dialect == "sqlite":
            line = (await connection.get_raw_connection()).driver_connection
            assert isinstance(line, Line)
            line.brief = brief

    @asynccontextmanager
    async def read(self, *, brief: bool = False, loose: bool = False) -> AsyncIterator[Tx]:
        """`brief`: as for `write`. `loose`: each statement by itself, without a beginning and an end around them."""
        async with (self._loose if loose else self._reader).connect() as connection:
            await self._lasting(connection, brief=brief)
            tx = Tx(connection, self.clock.now())
            try:
                yield tx
            finally:
                await tx.close()

    async def follow_clock(self) -> None:
        """Follow the database server's clock from here on; on SQLite the machine's own, when that has settled."""
        if isinstance(self.clock, DatabaseClock) and self.dialect == "sqlite":
            self.clock.settle(wall_clock(), seconds())
        elif isinstance(self.clock, DatabaseClock):
            async with self._reader.connect() as connection:
                self.clock.follow((await connection.execute(text("SELECT clock_timestamp()"))).scalar_one())

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
