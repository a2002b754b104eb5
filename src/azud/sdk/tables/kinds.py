"""Types of columns: found in all their cells together, or set.

A part of a column has one of the kinds below; `merged` gives the kind of two parts together. So a column has the
same type however the table was read: in one piece, in parts, from many files.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Optional, Tuple

from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.moments import found_moments, is_day, set_moments, without_zone

EMPTY = "empty"
"""No cell is present."""
MARKS = "marks"
"""Only `NA`, `n/a`, `nan`, `NaT` or `null`: missing among numbers and moments, texts elsewhere."""
INTEGER = "integer"
FLOAT = "float"
TRUTH = "truth"
MOMENT = "moment"
TEXT = "text"
MIXED = "mixed"
"""Typed piecewise by pandas: to be read again as texts."""

_INTEGER = re.compile(r"^[+-]?\d+$")
_FLOAT = re.compile(r"^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$", re.I)
_MARKS = frozenset(("na", "n/a", "nan", "nat", "null"))
_NUMBERS = frozenset((MARKS, INTEGER, FLOAT))
_BY_LETTER = {"b": TRUTH, "i": INTEGER}
"""What pandas says itself: the letters of NumPy's types in which no cell is missing."""
_LONGEST = 2**63
_LOOK = 1_000


def merged(one: str, other: str) -> str:
    """Return the kind of two parts of a column together."""
    if one == other:
        return one
    if EMPTY in (one, other):
        kind = other if one == EMPTY else one
        return FLOAT if kind == INTEGER else kind  # integers of which some are missing are floats in pandas
    if {one, other} == {MARKS, MOMENT}:
        return MOMENT
    return FLOAT if one in _NUMBERS and other in _NUMBERS else TEXT


def kind_of(pandas: Any, column: Any, out_of_range: str) -> Tuple[str, Any]:
    """Return the kind of a part as pandas read it, and the part with the values of that kind.

    Raises:
        DatasetExecutionError: A moment is out of range, and `out_of_range` is `fail`.
    """
    letter = column.dtype.kind
    if letter in _BY_LETTER:
        return _BY_LETTER[letter], column
    if letter == "u":
        return FLOAT, column.astype("float64")
    if letter == "f":
        return (FLOAT if has_cells(column) else EMPTY), column
    if letter == "M":
        return (MOMENT, without_zone(column)) if has_cells(column) else (EMPTY, column)
    if column.dtype == object:
        inferred = pandas.api.types.infer_dtype(column, skipna=True)
        if inferred != "string":
            found = {"boolean": TRUTH, "empty": EMPTY}.get(inferred, MIXED)
            return found, column.where(column.notna(), None) if found == TRUTH else column
    return _kind_of_texts(pandas, column, out_of_range)


def has_cells(column: Any) -> bool:
    """Return whether a cell is present; mostly one of the first is, which costs less than to count all."""
    if len(column) <= _LOOK:
        return bool(column.count())
    return bool(column.iloc[:_LOOK].count()) or bool(column.count())


def _kind_of_texts(pandas: Any, column: Any, out_of_range: str) -> Tuple[str, Any]:
    """Return the kind of a part of texts. The first of them decides what the others are compared with, if anything."""
    first = _first_text(column)
    if first is None:
        return (MARKS if has_cells(column) else EMPTY), column
    kind = _kind_of_text(first)
    if kind == TEXT and not is_day(first):
        return TEXT, column
    present = column.dropna()
    if kind in (INTEGER, FLOAT):
        return _numbers(pandas, column, present)
    if kind == TRUTH:
        lower = present.str.strip().str.lower()
        return (TRUTH, _truths(pandas, column)) if lower.isin(("true", "false")).all() else (TEXT, column)
    cells = column.where(~column.isin([text for text in present.unique() if _is_mark(text)]))
    moments = found_moments(pandas, cells, out_of_range)
    return (TEXT, column) if moments is None else (MOMENT, moments)


def _first_text(column: Any) -> Optional[str]:
    """Return the first cell that is neither missing nor a mark; None if there is none."""
    for start in range(0, len(column), _LOOK):
        part = column if len(column) <= _LOOK else column.iloc[start : start + _LOOK]
        for cell in part.tolist():
            if isinstance(cell, str) and not _is_mark(cell):
                return cell
    return None


def _kind_of_text(cell: str) -> str:
    text = cell.strip()
    if _INTEGER.match(text):
        return INTEGER
    if text.lower() in _MARKS:
        return MARKS
    if _FLOAT.match(text):
        return FLOAT
    return TRUTH if text.lower() in ("true", "false") else TEXT


def _is_mark(cell: str) -> bool:
    return cell.strip().lower() in _MARKS


def _numbers(pandas: Any, column: Any, present: Any) -> Tuple[str, Any]:
    """Return a column of texts whose first is a number."""
    for cell in present:
        if _kind_of_text(cell) not in _NUMBERS:
            return TEXT, column
    if len(present) == len(column):
        values = [int(cell) if _INTEGER.match(cell.strip()) else None for cell in present]
        if all(value is not None and -_LONGEST <= value < _LONGEST for value in values):
            return INTEGER, pandas.Series(values, index=column.index, dtype="int64", name=column.name)
    return FLOAT, _floats(pandas, column)


def _floats(pandas: Any, column: Any) -> Any:
    cells = [float("nan") if not isinstance(cell, str) or _is_mark(cell) else float(cell) for cell in column]
    return pandas.Series(cells, index=column.index, dtype="float64", name=column.name)


def _truths(pandas: Any, column: Any) -> Any:
    cells = [cell.strip().lower() == "true" if isinstance(cell, str) else None for cell in column]
    dtype = "bool" if None not in cells else object
    return pandas.Series(cells, index=column.index, dtype=dtype, name=column.name)


def as_kind(pandas: Any, column: Any, part: str, kind: str) -> Optional[Any]:
    """Return a part, which is not empty, in the kind of the whole column; None if it must be read again for that.

    Args:
        pandas: The library.
        column: The part, with the values of its own kind.
        part: That kind.
        kind: Of the whole column.
    """
    if part == kind or (part, kind) == (MARKS, TEXT):
        return column
    if kind == FLOAT and part in _NUMBERS:
        return column.astype("float64") if part == INTEGER else _floats(pandas, column)
    return None


# Types that are set


def wants_texts(kind: Dict[str, Any]) -> bool:
    """Return whether cells of a type that is set must be read as they stand in the file."""
    return kind["type"] in ("string", "stream", "datetime") or kind.get("decimal_mark", ".") != "."


def set_type(pandas: Any, column: Any, kind: Dict[str, Any], on_error: str, out_of_range: str) -> Any:
    """Return a column in the type that was set for it.

    Raises:
        DatasetExecutionError: A cell has another type, and `on_error` is `fail`.
    """
    name = kind["type"]
    types = pandas.api.types
    if name in ("string", "stream"):
        return column if _is_text(pandas, column) else _as_texts(pandas, column)
    if name == "datetime":
        if column.dtype == object and types.infer_dtype(column, skipna=True) not in ("string", "empty"):
            column = _as_texts(pandas, column)
        return set_moments(pandas, column, kind.get("formats"), on_error, out_of_range)
    if name == "bool" and types.is_bool_dtype(column.dtype):
        return column
    if name == "long" and types.is_integer_dtype(column.dtype) and column.dtype.kind == "i":
        return column
    if name == "float" and types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype):
        return column.astype("float64")
    return _cell_by_cell(pandas, column, kind, on_error)


def _is_text(pandas: Any, column: Any) -> bool:
    return column.dtype != object and bool(pandas.api.types.is_string_dtype(column.dtype))


def _as_texts(pandas: Any, column: Any) -> Any:
    cells = [cell if missing else str(cell) for cell, missing in zip(column.tolist(), column.isna().tolist())]
    return pandas.Series(cells, index=column.index, name=column.name, dtype=object)


def _cell_by_cell(pandas: Any, column: Any, kind: Dict[str, Any], on_error: str) -> Any:
    name, mark = kind["type"], kind.get("decimal_mark", ".")
    readers: Dict[str, Callable[[str], Any]] = {
        "long": _long,
        "float": lambda cell: float(cell.replace(mark, ".")),
        "bool": _strict_truth,
    }
    read = readers[name]
    values = []
    for cell, missing in zip(column.tolist(), column.isna().tolist()):
        values.append(None if missing else _converted(str(cell), read, on_error, column.name, name))
    is_complete = None not in values
    dtypes = {
        "long": "int64" if is_complete else "float64",
        "float": "float64",
        "bool": "bool" if is_complete else object,
    }
    return pandas.Series(values, index=column.index, name=column.name, dtype=dtypes[name])


def _long(cell: str) -> int:
    if _INTEGER.match(cell.strip()):
        return _in_range(int(cell))
    number = float(cell)
    if number != int(number):
        raise ValueError(cell)
    return _in_range(int(number))


def _in_range(number: int) -> int:
    if not -_LONGEST <= number < _LONGEST:
        raise OverflowError(number)
    return number


def _strict_truth(cell: str) -> bool:
    if cell.strip().lower() not in ("true", "false"):
        raise ValueError(cell)
    return cell.strip().lower() == "true"


def _converted(cell: str, read: Callable[[str], Any], on_error: str, column: Any, kind: str) -> Any:
    try:
        return read(cell)
    except (ValueError, OverflowError) as error:
        if on_error == "fail":
            raise DatasetExecutionError(f"column {column!r}: {cell!r} is no {kind}") from error
        return None
