"""Whether there is anything at all: for many questions, one statement."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy import literal_column as literally
from sqlmodel import SQLModel

from app.core.db import Moment

NOW: Any = bindparam("now", type_=Moment)
"""The transaction's moment, given when the statement runs."""


def any_of(table: type[SQLModel], *where: Any) -> ColumnElement[bool]:
    """Whether the table has a row for which all of this is true. To be kept, as it costs more to make than to ask."""
    return exists(literally("1")).select_from(table).where(*where)
