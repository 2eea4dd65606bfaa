"""The floor of planning: the database itself copies the same rows, with nobody who thinks about them."""

import asyncio
import re
import sqlite3
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from bench.measure import timed

TABLES = ("campaign_group", "relay", "journal", "delivery")
"""What accepting and planning a campaign writes a row to for each group."""


_NAMED = re.compile(r"((?:^CREATE (?:UNIQUE )?(?:TABLE|INDEX)|(?<=\w) ON) )\"?(\w+)\"?(?= |\()")
"""The names in the statement that made a table or an index: its own, and that of the table an index is of."""
_KEYS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = $1::text::regclass"


async def copied_s(url: str) -> float:
    """Seconds of one transaction that copies all rows of these tables, by INSERT … SELECT, into empty ones with the
    same columns, keys and indexes, but for those into other tables. Nothing of it is left."""
    if url.startswith("postgres"):
        return await _by_postgresql(url, tied=False)
    return await asyncio.to_thread(_by_sqlite, Path(make_url(url).database or ""))


async def tied_s(url: str) -> float:
    """The same with the keys into other tables, each of which the database looks up for every row."""
    if url.startswith("postgres"):
        return await _by_postgresql(url, tied=True)
    return await asyncio.to_thread(_tied_by_sqlite, Path(make_url(url).database or ""))


async def _by_postgresql(url: str, *, tied: bool) -> float:
    line = await asyncpg.connect(url)
    try:
        await line.execute("CREATE SCHEMA bare")
        for table in TABLES:
            await line.execute(f"CREATE TABLE bare.{table} (LIKE {table} INCLUDING ALL)")
            for key in await line.fetch(_KEYS, table) if tied else ():
                await line.execute(f"ALTER TABLE bare.{table} ADD {key[0]}")
        with timed() as watch:
            async with line.transaction():
                for table in TABLES:
                    await line.execute(f"INSERT INTO bare.{table} SELECT * FROM {table}")
        await line.execute("DROP SCHEMA bare CASCADE")
    finally:
        await line.close()
    return watch.seconds


def _by_sqlite(file: Path) -> float:
    beside = file.with_suffix(".bare")
    line = sqlite3.connect(file, isolation_level=None)
    try:
        line.execute("ATTACH ? AS bare", (str(beside),))
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            line.execute(f"PRAGMA bare.{setting}")
        for table in TABLES:
            for kind, made in line.execute(
                "SELECT type, sql FROM main.sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC",
                (table,),
            ).fetchall():
                head, name = made.split(f"{kind.upper()} ", 1)
                line.execute(f"{head}{kind.upper()} bare.{name}")
        with timed() as watch:
            line.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                line.execute(f"INSERT INTO bare.{table} SELECT * FROM main.{table}")
            line.execute("COMMIT")
    finally:
        line.close()
        for left in beside.parent.glob(f"{beside.name}*"):
            left.unlink()
    return watch.seconds


def _tied_by_sqlite(file: Path) -> float:
    """Into tables of the same file: SQLite knows no keys from one file into another."""
    line = sqlite3.connect(file, isolation_level=None)
    try:
        line.execute("PRAGMA foreign_keys = ON")
        line.execute("PRAGMA synchronous = FULL")
        for table in TABLES:
            for (made,) in line.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", (table,)
            ).fetchall():
                line.execute(_NAMED.sub(r"\1bare_\2", made))
        with timed() as watch:
            line.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                line.execute(f"INSERT INTO bare_{table} SELECT * FROM {table}")
            line.execute("COMMIT")
        for table in reversed(TABLES):
            line.execute(f"DROP TABLE bare_{table}")
    finally:
        line.close()
    return watch.seconds
