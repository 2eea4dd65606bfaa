"""Many ids and many rows as one argument: whatever a column holds comes back as it was given."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Float, Integer, MetaData, String, Table, select, text
from sqlalchemy.exc import IntegrityError

from app.core.bulk import MANY, among, as_json, insert, update
from app.core.db import Database, Moment, words
from app.domain.campaigns.states import Priority

KEPT = Table(
    "bulk_kept",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("word", words(Priority, "word")),
    Column("yes", Boolean),
    Column("number", Integer),
    Column("share", Float),
    Column("at", Moment),
    Column("bag", JSON),
)
NAMES = tuple(KEPT.c.keys())
AT = datetime(2026, 11, 22, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
FULL = ("一 ' \" \\ 🙂", Priority.INCIDENT, True, 2**30, 0.1, AT, {"a": [1, None, "x"]})
EMPTY = ("none", None, None, None, None, None, None)
PLAIN = ("plain", Priority.NORMAL, False, 0, 1e-9, AT.replace(microsecond=0), [])


@pytest.fixture
async def db(database_url: str) -> Any:
    found = Database(database_url)
    async with found.write() as tx:
        await tx.run(text(f"DROP TABLE IF EXISTS {KEPT.name}"))
        connection = await tx.session.connection()
        await connection.run_sync(KEPT.create)
    yield found
    async with found.write() as tx:
        await tx.run(text(f"DROP TABLE {KEPT.name}"))
    await found.close()


async def _insert(db: Database, *rows: tuple[Any, ...], once: bool = False) -> None:
    async with db.write() as tx:
        await tx.run(*insert(KEPT, NAMES, rows, tx.dialect, once=once))


async def _all(db: Database) -> dict[str, tuple[Any, ...]]:
    async with db.read() as tx:
        return {row.id: tuple(row) for row in await tx.table(select(KEPT))}


async def test_every_kind_of_value_comes_back_as_it_was(db: Database) -> None:
    await _insert(db, FULL, EMPTY, PLAIN)
    stands = await _all(db)
    assert stands == {row[0]: row for row in (FULL, EMPTY, PLAIN)}
    assert stands[FULL[0]][5].tzinfo == UTC
    async with db.read() as tx:
        assert [row.id for row in await tx.table(select(KEPT.c.id).where(text("bag IS NULL")))] == ["none"]
        assert [row.id for row in await tx.table(select(KEPT.c.id).where(KEPT.c.at == AT))] == [FULL[0]]


async def test_what_stands_is_left_or_refused(db: Database) -> None:
    await _insert(db, PLAIN)
    await _insert(db, (*PLAIN[:3], 7, *PLAIN[4:]), EMPTY, once=True)
    assert await _all(db) == {row[0]: row for row in (PLAIN, EMPTY)}
    with pytest.raises(IntegrityError):
        await _insert(db, PLAIN)
    with pytest.raises(IntegrityError):
        await _insert(db, ("other", "no such word", *PLAIN[2:]))


async def test_rows_are_changed_by_their_keys_and_no_others(db: Database) -> None:
    await _insert(db, FULL, EMPTY, PLAIN)
    names = ("id", "number", "at", "word")
    async with db.write() as tx:
        rows = [("none", 1, AT, Priority.NORMAL), (FULL[0], None, None, None), ("unknown", 5, AT, None)]
        await tx.run(*update(KEPT, names, rows, tx.dialect))
    stands = await _all(db)
    assert (stands["none"][3], stands["none"][5], stands["none"][1]) == (1, AT, Priority.NORMAL)
    assert stands[FULL[0]] == (FULL[0], None, True, None, 0.1, None, FULL[6])
    assert stands["plain"] == PLAIN


@pytest.mark.parametrize("common", [FULL, EMPTY, PLAIN, None])
async def test_what_many_rows_have_in_common_comes_back_too(db: Database, common: tuple[Any, ...] | None) -> None:
    mixed = [FULL, EMPTY, PLAIN]
    rows = [(f"row {number}", *(common or mixed[number % 3])[1:]) for number in range(MANY)]
    await _insert(db, *rows)
    assert await _all(db) == {row[0]: row for row in rows}
    await _insert(db, *[(row[0], *FULL[1:]) for row in rows], ("one more", *FULL[1:]), once=True)
    assert await _all(db) == {row[0]: row for row in rows} | {"one more": ("one more", *FULL[1:])}


@pytest.mark.parametrize("kept", [0, 1])
async def test_many_rows_are_changed_alike(db: Database, kept: int) -> None:
    rows = [(f"row {number}", *FULL[1:]) for number in range(MANY + 1)]
    await _insert(db, *rows)
    names, values = ("id", "word", "yes", "number", "share", "at"), PLAIN[1:6]
    changes = [(row[0], *values) for row in rows[kept:]]
    async with db.write() as tx:
        await tx.run(*update(KEPT, names, changes[: MANY - kept], tx.dialect))
        await tx.run(*update(KEPT, names, changes[MANY - kept :], tx.dialect))
        await tx.run(*update(KEPT, names, [("unknown", *EMPTY[1:6])] * MANY, tx.dialect))
    changed = {row[0]: (row[0], *values, FULL[6]) for row in rows[kept:]}
    assert await _all(db) == {row[0]: row for row in rows} | changed


def test_what_many_have_in_common_is_given_once() -> None:
    rows = [(f"row {number}", *PLAIN[1:]) for number in range(MANY)]
    _, given = insert(KEPT, NAMES, rows, "sqlite", once=False)
    assert given.keys() == {"rows"} | {f"same_{name}" for name in NAMES} - {"same_id", "same_bag"}
    assert insert(KEPT, NAMES, rows[1:], "sqlite", once=False)[1].keys() == {"rows"}


async def test_more_ids_than_any_statement_takes_arguments(db: Database) -> None:
    await _insert(db, FULL, EMPTY, PLAIN)
    ids = [f"id {number}" for number in range(70_000)] + ["plain", FULL[0]]
    async with db.read() as tx:
        found = await tx.table(select(KEPT.c.id).where(among(KEPT.c.id, ids)))
        assert {row.id for row in found} == {"plain", FULL[0]}
        assert await tx.table(select(KEPT.c.id).where(among(KEPT.c.id, []))) == []
        named = select(KEPT.c.id).where(~among(KEPT.c.id, "ids"))
        assert [row.id for row in await tx.table(named, {"ids": ["plain", "none"]})] == [FULL[0]]


def test_a_moment_without_a_zone_and_a_stranger_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        as_json([(datetime(2026, 1, 1),)], "sqlite")  # noqa: DTZ001 - that is the point
    with pytest.raises(TypeError, match="object"):
        as_json([(object(),)], "postgresql")


async def test_a_statement_that_is_cut_off_leaves_the_connection_usable(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'cut.db'}")
    slow = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n"
    )

    async def write() -> None:
        async with db.write() as tx:
            await tx.run(text("CREATE TABLE half (id INTEGER)"))
            await tx.run(slow)

    task = asyncio.create_task(write())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.write() as tx:
        assert (await tx.run(text("SELECT count(*) FROM sqlite_master WHERE name = 'half'"))).scalar_one() == 0
    await db.close()
