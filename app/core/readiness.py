"""Whether this process can serve: the database answers, with the schema this code was written for."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.db import Tx
from app.core.outages import is_outage

SCHEMA_HEAD = "ga20261130g01"
"""The newest migration this code knows. Written here, so that whoever serves need not load what migrates."""


async def schema_is_current(tx: Tx) -> bool:
    """Whether every migration was run. Raises what `core.outages` knows when the database does not answer."""
    try:
        rows = await tx.table(text("SELECT version_num FROM alembic_version"))
    except DBAPIError as error:
        if is_outage(error):
            raise
        return False
    return [row[0] for row in rows] == [SCHEMA_HEAD]
