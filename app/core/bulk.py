"""Many ids, or many rows, as one argument of one statement.

The statement's text is then the same however many there are: it is compiled and prepared once, and nothing is done
for each row in Python but to write it as JSON. Measured for 256 lines of the journal beside executemany: 1.6 times as
fast on SQLite, 2.3 times on PostgreSQL.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Self

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ColumnElement,
    Dialect,
    String,
    Table,
    TextClause,
    bindparam,
    column,
    func,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


class _Ids(TypeDecorator[Sequence[str]]):
    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


class among(FunctionElement[bool]):  # noqa: N801 - reads as the operator it is
    """Whether a text column is one of many ids: `IN`, without a limit to how many. `ids` are the ids themselves, or
    the name under which they are given when the statement runs."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: SQLCoreOperations[Any], ids: Iterable[str] | str) -> None:
        given = bindparam(ids, type_=_Ids()) if isinstance(ids, str) else bindparam(None, list(ids), type_=_Ids())
        super().__init__(column, given)

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002
        """As it stands: SQLite would be asked whether it equals 1, and then looks at every row."""
        return self


@compiles(among, "postgresql")
def _among_array(element: among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(ids, **how)})"


@compiles(among)
def _among_json(element: among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = element.clauses
    return f"{compiler.process(column, **how)} IN (SELECT value FROM json_each({compiler.process(ids, **how)}))"  # noqa: S608


def each(ids: str, dialect: str) -> ColumnElement[str]:
    """Many ids as rows: a column to select from, and to look each of them up by. `ids` is the name under which they
    are given when the statement runs."""
    given = bindparam(ids, type_=_Ids())
    if dialect == "postgresql":
        return func.unnest(given).table_valued(column("value", String)).render_derived("asked").c.value
    return func.json_each(given).table_valued(column("value", String)).c.value


def as_json(rows: Iterable[Sequence[Any]], dialect: str) -> str:
    """Rows as a JSON array of arrays, moments as this database keeps them."""

    @cache
    def plain(value: object) -> str:
        if not isinstance(value, datetime):
            raise TypeError(f"no column takes a {type(value).__name__}")
        if value.tzinfo is None:
            raise ValueError("a moment must know its zone")
        at = value.astimezone(UTC)
        return at.isoformat() if dialect == "postgresql" else at.replace(tzinfo=None).isoformat(" ", "microseconds")

    return json.dumps(list(rows), default=plain, ensure_ascii=False)


@lru_cache(maxsize=256)
def insert_from(table: Table, names: tuple[str, ...], dialect: str, *, once: bool) -> TextClause:
    """`INSERT INTO table (names)` of the rows in the argument `rows`, each with its values in the order of `names`;
    with `once`, rows that already stand are left as they are."""
    unless = " ON CONFLICT DO NOTHING" if once else ""
    return text(f"{_insert(table, names, dialect)} WHERE true{unless}")


@lru_cache(maxsize=256)
def insert_all(tables: tuple[tuple[Table, tuple[str, ...]], ...]) -> TextClause:
    """Rows for several tables at once, as PostgreSQL can: for each table what `insert_from` does, with the rows in the
    arguments `rows0`, `rows1` and so on."""
    each = [
        _insert(table, names, "postgresql").replace(":rows", f":rows{number}")
        for number, (table, names) in enumerate(tables)
    ]
    before = ", ".join(f"into{number} AS ({one})" for number, one in enumerate(each[:-1]))
    return text(f"WITH {before} {each[-1]}")


def all_as_json(rows: Iterable[Iterable[Sequence[Any]]]) -> dict[str, str]:
    """The arguments of `insert_all`."""
    return {f"rows{number}": as_json(some, "postgresql") for number, some in enumerate(rows)}


def _insert(table: Table, names: tuple[str, ...], dialect: str) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(_value(table.c[name].type, place, dialect) for place, name in enumerate(names))
    return f'INSERT INTO "{table.name}" ({listed}) SELECT {values} FROM {_GIVEN[dialect]}'  # noqa: S608


@lru_cache(maxsize=256)
def update_from(table: Table, names: tuple[str, ...], dialect: str) -> TextClause:
    """`UPDATE table` by the rows in the argument `rows`, each with its values in the order of `names`; the first of
    them is the key."""
    values = [_value(table.c[name].type, place, dialect) for place, name in enumerate(names)]
    changes = ", ".join(f'"{name}" = {value}' for name, value in list(zip(names, values, strict=True))[1:])
    where = f'"{table.name}"."{names[0]}" = {values[0]}'
    return text(f'UPDATE "{table.name}" SET {changes} FROM {_GIVEN[dialect]} WHERE {where}')  # noqa: S608


_GIVEN = {
    "postgresql": "jsonb_array_elements(CAST(:rows AS jsonb)) AS line(value)",
    "sqlite": "json_each(:rows) AS line",
}
"""The rows of the argument `rows`, each as `line.value`."""


def _value(kind: TypeEngine[Any], place: int, dialect: str) -> str:
    if dialect != "postgresql":
        return f"line.value ->> {place}"
    if isinstance(kind, JSON):
        return f"CAST(NULLIF(line.value -> {place}, 'null') AS json)"
    return f"CAST(line.value ->> {place} AS {kind.compile(_POSTGRESQL)})"
