"""Statements for thousands of rows: prepared once, their values handed to the driver column by column."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_DIALECT = sqlite.dialect()


def dumps(value: Any) -> str:
    """Return the JSON text in which columns are stored."""
    # A thousand steps bring thousands of empty warnings and tags, and an encoder costs more than they do.
    if not value and isinstance(value, (list, tuple, dict)):
        return "{}" if isinstance(value, dict) else "[]"
    return _encode(value)


class ManyRows:
    """An insert or update that is run with many rows at a time.

    SQLAlchemy would go through its processors for each value of each row, which costs more than SQLite does.

    Args:
        statement: Every column or parameter of it is given with every row.
    """

    def __init__(self, statement: sa.Insert | sa.Update) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        self._columns = tuple((name, compiled.binds[name].type) for name in compiled.positiontup or ())

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement once for each row, in one go; without rows nothing happens.

        Raises:
            KeyError: A row lacks a value.
        """
        columns = [_stored([row[name] for row in rows], kind) for name, kind in self._columns]
        if rows:
            connection.exec_driver_sql(self._sql, list(zip(*columns, strict=True)))


def _stored(values: list[Any], kind: Any) -> list[Any]:
    """Return the values of a column as the driver takes them: those of JSON columns as text."""
    if not isinstance(kind, sa.JSON):
        return values
    found: list[str | None] = []
    last: Any = None
    text = None if kind.none_as_null else dumps(None)
    for value in values:
        if value is not last:  # neighbours share what is the same for many steps
            last, text = value, _text(value, kind)
        found.append(text)
    return found


def _text(value: Any, kind: sa.JSON) -> str | None:
    return None if value is None and kind.none_as_null else dumps(value)
