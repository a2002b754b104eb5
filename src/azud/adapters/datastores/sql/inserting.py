"""Rows into a table: names are checked against the table and quoted, values are bound, and all or none arrive."""

from __future__ import annotations

import datetime
import decimal
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from azud.core.errors import NotFoundError, UserError
from azud.services.sql_ports import Row

Converter = Callable[[str], Any]


def table_named(connection: sa.Connection, name: str, place: str) -> sa.Table:
    """Return a table as the database describes it.

    Args:
        connection: To the database.
        name: `table` or `schema.table`.
        place: For messages.

    Raises:
        NotFoundError: There is none.
        UserError: The name has more than two parts.
    """
    parts = name.split(".")
    if len(parts) > 2 or not all(part.strip() for part in parts):
        raise UserError(f"{place}: {name!r} is no name of a table", hint="write table or schema.table")
    schema = parts[0] if len(parts) == 2 else None
    try:
        return sa.Table(parts[-1], sa.MetaData(), schema=schema, autoload_with=connection)
    except sa.exc.NoSuchTableError as error:
        raise NotFoundError(
            f"{place} has no table {name!r}", hint="create it first: azud does not guess the types of its columns"
        ) from error


def insert_into(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], batches: Iterator[Sequence[Row]], place: str
) -> int:
    """Append rows and return how many the database took.

    Raises:
        UserError: The table has no such column, or a value does not fit its type.
    """
    known = {column.name: column for column in table.columns}
    missing = [name for name in columns if name not in known]
    if missing:
        raise UserError(
            f"{place}: table {table.fullname!r} has no column {missing[0]!r}",
            hint=f"its columns: {', '.join(known)}",
        )
    if len(set(columns)) != len(columns):
        raise UserError(f"{place}: two columns of the rows have the same name", hint="rename one of them")
    converters = [_converter(known[name].type) for name in columns]
    statement = sa.insert(table)
    taken = 0
    for batch in batches:
        values = [_values(row, columns, converters, taken + number, place) for number, row in enumerate(batch, 1)]
        if values:
            connection.execute(statement, values)
            taken += len(values)
    return taken


def _values(
    row: Row, columns: Sequence[str], converters: Sequence[Converter], number: int, place: str
) -> dict[str, Any]:
    if len(row) != len(columns):
        raise UserError(f"{place}: row {number} has {len(row)} cells, and there are {len(columns)} columns")
    found = {}
    for name, convert, value in zip(columns, converters, row, strict=True):
        try:
            found[name] = convert(value) if isinstance(value, str) else value
        except (ValueError, ArithmeticError) as error:
            shown = value if len(value) <= 60 else f"{value[:60]}…"
            raise UserError(
                f"{place}: row {number}, column {name!r}: {shown!r} does not fit the column's type ({error})",
                hint="nothing was inserted; correct the file, or the table",
            ) from error
    return found


def _converter(kind: sa.types.TypeEngine[Any]) -> Converter:
    """Return how a text becomes a value for a column of this type."""
    if isinstance(kind, sa.Boolean):
        return _truth
    for known, convert in _CONVERTERS:
        if isinstance(kind, known):
            return convert
    return str


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word in ("true", "t", "1", "yes"):
        return True
    if word in ("false", "f", "0", "no"):
        return False
    raise ValueError("neither true nor false")


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.strip())


def _date(text: str) -> datetime.date:
    found = datetime.datetime.fromisoformat(text.strip())
    if found.time() != datetime.time():
        raise ValueError("not a date alone")
    return found.date()


def _tiny(text: str) -> int:
    """MySQL's BOOLEAN is a TINYINT."""
    return int(_truth(text)) if text.strip().lower() in ("true", "false") else int(text)


_CONVERTERS: Sequence[tuple[type[Any], Converter]] = (
    (mysql.TINYINT, _tiny),
    (sa.Integer, int),
    (sa.Float, float),
    (sa.Numeric, lambda text: decimal.Decimal(text.strip())),
    (sa.DateTime, _moment),
    (sa.Date, _date),
    (sa.Time, datetime.time.fromisoformat),
    (sa.LargeBinary, lambda text: text.encode()),
    (sa.JSON, json.loads),
    (sa.ARRAY, json.loads),
    (sa.Uuid, uuid.UUID),
)
