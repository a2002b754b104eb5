"""Statements for thousands of rows: prepared once, their values handed straight to the driver."""

from __future__ import annotations

import json
import operator
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
        statement: Has two columns or parameters at least; every row gives all of them.
    """

    def __init__(self, statement: sa.Insert | sa.Update) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        names = tuple(compiled.positiontup or ())
        self._sql = str(compiled)
        self._pick = operator.itemgetter(*names)
        kinds = [compiled.binds[name].type for name in names]
        self._json = tuple((place, kind) for place, kind in enumerate(kinds) if isinstance(kind, sa.JSON))

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement once for each row, in one go; without rows nothing happens.

        Raises:
            KeyError: A row lacks a value.
        """
        if not rows:
            return
        columns = list(zip(*map(self._pick, rows), strict=True))
        for place, kind in self._json:
            columns[place] = _texts(columns[place], kind)
        connection.exec_driver_sql(self._sql, list(zip(*columns, strict=True)))


def _texts(values: tuple[Any, ...], kind: sa.JSON) -> tuple[str | None, ...]:
    """Return the values of a JSON column as text."""
    found: list[str | None] = []
    last: Any = None
    text = _text(last, kind)
    for value in values:
        if value is not last:  # neighbours share what is the same for many steps
            last, text = value, _text(value, kind)
        found.append(text)
    return tuple(found)


def _text(value: Any, kind: sa.JSON) -> str | None:
    return None if value is None and kind.none_as_null else dumps(value)
