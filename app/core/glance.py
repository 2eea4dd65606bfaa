"""Whether there is anything at all: for many questions, one statement."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy import literal_column as literally
from sqlmodel import SQLModel

from app.core.db import Moment

NOW: Any = bindparam("now", type_=Moment)
"""The transaction's moment, given when the statement runs."""


def any_of(table: type[SQLModel], *where: Any, by: Any = None) -> ColumnElement[bool]:
    """Whether the table has a row for which all of this is true. To be kept, as it costs more to make than to ask.
    In a large table name `by` a column that such rows always have, and an index of them begins with: the first by it is
    asked for. Where any row will do, PostgreSQL would rather read the table than the index."""
    if by is None:
        return exists(literally("1")).select_from(table).where(*where)
    return select(by).where(*where).order_by(by).limit(1).scalar_subquery().is_not(None)
