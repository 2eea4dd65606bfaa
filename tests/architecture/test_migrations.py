"""Migrations go up and down on both databases, end at the schema the code means, and keep its words."""

import asyncio
import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Enum, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from alembic import command
from app.core.engines import driver
from app.core.readiness import SCHEMA_HEAD
from app.core.settings import ROOT
from app.schema import TABLES, metadata

T = TypeVar("T")

BEFORE_A_COPY = "un20261129l01"

WORDS = [column for table in metadata.sorted_tables for column in table.columns if isinstance(column.type, Enum)]


@pytest.fixture
def config(database_url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


def ask(url: str, question: Callable[[Connection], T]) -> T:
    async def asking() -> T:
        engine = create_async_engine(driver(url), poolclass=NullPool)
        async with engine.begin() as connection:
            answer = await connection.run_sync(question)
        await engine.dispose()
        return answer

    return asyncio.run(asking())


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def checks(connection: Connection) -> dict[str, str]:
    """The text of every CHECK, by name."""
    looking = inspect(connection)
    return {
        str(check["name"]): str(check["sqltext"])
        for table in looking.get_table_names()
        for check in looking.get_check_constraints(table)
    }


def test_the_schema_goes_up_and_down_and_up_again(config: Config, database_url: str) -> None:
    known = set(metadata.tables)
    assert ask(database_url, tables) == known
    command.downgrade(config, "base")
    assert ask(database_url, tables) == set()
    command.upgrade(config, "head")
    assert ask(database_url, tables) == known


def test_every_step_can_be_taken_back_and_again(config: Config) -> None:
    for script in ScriptDirectory.from_config(config).walk_revisions():
        command.downgrade(config, str(script.down_revision or "base"))
        command.upgrade(config, script.revision)
        command.downgrade(config, str(script.down_revision or "base"))


def test_a_change_that_was_broken_off_can_be_made_again(config: Config, database_url: str) -> None:
    """SQLite keeps the empty copy of the table that was being changed."""
    command.downgrade(config, BEFORE_A_COPY)
    ask(database_url, lambda connection: connection.execute(text("CREATE TABLE _alembic_tmp_relay (id INTEGER)")))
    command.upgrade(config, "head")
    left = {"_alembic_tmp_relay"} if database_url.startswith("postgres") else set()
    assert ask(database_url, tables) - set(metadata.tables) == left


def test_the_migrated_schema_is_the_one_the_tables_mean(config: Config) -> None:
    command.check(config)


def test_the_words_a_column_may_hold_are_those_of_its_enum(database_url: str) -> None:
    stand = ask(database_url, checks)
    assert WORDS
    for column in WORDS:
        assert isinstance(column.type, Enum)
        text = stand[f"ck_{column.table.name}_{column.name}"]
        assert re.search(rf"\b{column.name}\b", text)
        assert set(re.findall(r"'([^']*)'", text)) == set(column.type.enums), column


def test_every_closed_set_of_words_is_checked_and_none_is_native() -> None:
    for column in WORDS:
        assert isinstance(column.type, Enum)
        assert not column.type.native_enum, column
        assert column.type.enums == [word.value for word in enumeration(column)]


def enumeration(column: Column[str]) -> list[Enum]:
    assert isinstance(column.type, Enum)
    kind = column.type.enum_class
    assert kind is not None, f"{column} has words, but no enum in the code"
    return list(kind)


def test_the_schema_module_knows_every_table() -> None:
    assert {table.__tablename__ for table in TABLES} == set(metadata.tables)


def test_the_history_is_one_line_of_dated_files(config: Config) -> None:
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [SCHEMA_HEAD]
    for path in (ROOT / "alembic/versions").glob("*.py"):
        assert re.fullmatch(r"\d{8}_[a-z0-9_]+\.py", path.name), path.name
