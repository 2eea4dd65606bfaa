"""Runs migrations on the database named by MUSTER_DATABASE_URL, or by the caller's `sqlalchemy.url`."""

import asyncio

from sqlalchemy import Connection, MetaData, Table, inspect, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import DropTable

from alembic import context
from app.core.engines import driver
from app.core.settings import load
from app.schema import metadata

config = context.config


def clear_up(connection: Connection) -> None:
    """SQLite gets a changed table as a copy, and keeps the empty copy where the change was broken off."""
    if connection.dialect.name == "sqlite":
        for name in inspect(connection).get_table_names():
            if name.startswith("_alembic_tmp_"):
                connection.execute(DropTable(Table(name, MetaData())))


def run(connection: Connection) -> None:
    clear_up(connection)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    url = config.get_main_option("sqlalchemy.url") or load().database
    engine = create_async_engine(driver(url), poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(main())
