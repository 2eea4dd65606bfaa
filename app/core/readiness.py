"""Whether this process can serve: the database answers, with the schema this code was written for."""

from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.db import Tx
from app.core.outages import is_outage
from app.core.settings import ROOT


@cache
def schema_head() -> str | None:
    """The newest migration this code knows."""
    return ScriptDirectory(str(ROOT / "alembic")).get_current_head()


async def schema_is_current(tx: Tx) -> bool:
    """Whether every migration was run. Raises what `core.outages` knows when the database does not answer."""
    try:
        rows = await tx.table(text("SELECT version_num FROM alembic_version"))
    except DBAPIError as error:
        if is_outage(error):
            raise
        return False
    return [row[0] for row in rows] == [schema_head()]
