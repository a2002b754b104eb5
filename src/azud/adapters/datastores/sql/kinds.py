"""Kinds of columns (see `azud.model.rows`) by what each library says of them."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterable
from typing import Any

from azud.model.rows import BOOLEAN, DATE, DECIMAL, FLOAT, INSTANT, INTEGER, MOMENT, TEXT

_POSTGRESQL = {
    16: BOOLEAN, 20: INTEGER, 21: INTEGER, 23: INTEGER, 26: INTEGER, 700: FLOAT, 701: FLOAT, 1700: DECIMAL,
    1082: DATE, 1114: MOMENT, 1184: INSTANT,
}  # fmt: skip
_MYSQL = {
    1: INTEGER, 2: INTEGER, 3: INTEGER, 8: INTEGER, 9: INTEGER, 13: INTEGER, 4: FLOAT, 5: FLOAT, 0: DECIMAL,
    246: DECIMAL, 10: DATE, 14: DATE, 7: MOMENT, 12: MOMENT,
}  # fmt: skip
_PYTHON = {
    bool: BOOLEAN, int: INTEGER, float: FLOAT, decimal.Decimal: DECIMAL, datetime.date: DATE,
    datetime.datetime: MOMENT,
}  # fmt: skip


def of_postgresql(described: Any) -> str:
    """Return the kind of a column by the number of its type."""
    return _POSTGRESQL.get(described[1], TEXT)


def of_mysql(described: Any) -> str:
    """Return the kind of a column by the protocol's type code."""
    return _MYSQL.get(described[1], TEXT)


def of_odbc(described: Any) -> str:
    """Return the kind of a column by the Python type of its values."""
    return _PYTHON.get(described[1], TEXT)


def unique_names(names: Iterable[str]) -> list[str]:
    """Return names of columns such that no two are equal: a second `a` becomes `a_1`, none at all `Column<n>`."""
    found: dict[str, None] = {}
    for position, name in enumerate(names, 1):
        base = name or f"Column{position}"
        unique, number = base, 0
        while unique in found:
            number += 1
            unique = f"{base}_{number}"
        found[unique] = None
    return list(found)
