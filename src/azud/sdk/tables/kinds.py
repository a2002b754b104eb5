"""Types of columns: found in the texts of their cells, or set."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional

from azud.sdk.exceptions import DatasetExecutionError

_INTEGER = re.compile(r"^[+-]?\d{1,18}$")
_FLOAT = re.compile(r"^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$", re.I)
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$")
_MISSING_NUMBERS = frozenset(("na", "n/a", "nan", "null"))


def type_columns(pandas: Any, frame: Any, reader: Dict[str, Any], on_error: str) -> None:
    """Give the columns of a frame of texts their types."""
    wanted: Dict[str, Dict[str, Any]] = dict(reader.get("column_types") or {})
    for column in wanted:
        if column not in frame.columns and len(frame.columns):
            raise DatasetExecutionError(
                f"set_column_types names column {column!r}, which is not in the table",
                hint=f"its columns: {', '.join(map(str, frame.columns))}",
            )
    for position, column in enumerate(frame.columns):
        if column in wanted:
            typed = _set_type(pandas, frame.iloc[:, position], wanted[column], on_error)
        elif reader.get("infer_column_types", True) and column != "Path":
            typed = infer_column(pandas, frame.iloc[:, position])
        else:
            continue
        frame.isetitem(position, typed)


def infer_column(pandas: Any, column: Any) -> Any:
    """Return a column of texts (and missing cells) in the type that all its texts have."""
    present = [cell for cell in column if isinstance(cell, str)]
    if not present or len(present) + int(column.isna().sum()) != len(column):
        return column
    numbers = [cell.strip() for cell in present if cell.strip().lower() not in _MISSING_NUMBERS]
    if numbers and len(numbers) == len(column) and all(_INTEGER.match(cell) for cell in numbers):
        return pandas.Series([int(cell) for cell in column], dtype="int64")
    if numbers and all(_FLOAT.match(cell) for cell in numbers):
        return pandas.Series([_float_or_nan(cell) for cell in column], dtype="float64")
    if all(cell.strip().lower() in ("true", "false") for cell in present):
        values = [_truth(cell) for cell in column]
        return pandas.Series(values, dtype="bool" if len(present) == len(column) else object)
    if all(_MOMENT.match(cell.strip()) for cell in present):
        moments = pandas.to_datetime(column, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        # A column whose texts only look like moments (2023-99-99) stays as it is.
        column = moments if int(moments.isna().sum()) == len(column) - len(present) else column
    return column


def _float_or_nan(cell: Any) -> float:
    if not isinstance(cell, str) or cell.strip().lower() in _MISSING_NUMBERS:
        return float("nan")
    return float(cell)


def _truth(cell: Any) -> Optional[bool]:
    return cell.strip().lower() == "true" if isinstance(cell, str) else None


def _set_type(pandas: Any, column: Any, kind: Dict[str, Any], on_error: str) -> Any:
    name = kind["type"]
    if name == "string":
        return column
    if name == "datetime":
        return _moments(pandas, column, kind.get("formats"), on_error)
    mark = kind.get("decimal_mark", ".")
    readers: Dict[str, Callable[[str], Any]] = {
        "long": _long,
        "float": lambda cell: float(cell.replace(mark, ".")),
        "bool": _strict_truth,
    }
    values = [_converted(cell, readers[name], on_error, column.name, name) for cell in column]
    complete = all(value is not None for value in values)
    if name == "long":
        return pandas.Series(values, dtype="int64" if complete else "float64")
    if name == "float":
        return pandas.Series(values, dtype="float64")
    return pandas.Series(values, dtype="bool" if complete else object)


def _long(cell: str) -> int:
    number = float(cell)
    if number != int(number):
        raise ValueError(cell)
    return int(cell) if _INTEGER.match(cell.strip()) else int(number)


def _strict_truth(cell: str) -> bool:
    if cell.strip().lower() not in ("true", "false"):
        raise ValueError(cell)
    return cell.strip().lower() == "true"


def _converted(cell: Any, read: Callable[[str], Any], on_error: str, column: Any, kind: str) -> Any:
    if not isinstance(cell, str):
        return None
    try:
        return read(cell)
    except (ValueError, OverflowError) as error:
        if on_error == "fail":
            raise DatasetExecutionError(f"column {column!r}: {cell!r} is no {kind}") from error
        return None


def _moments(pandas: Any, column: Any, formats: Optional[List[str]], on_error: str) -> Any:
    result = pandas.Series([pandas.NaT] * len(column))
    for pattern in formats or ["ISO8601"]:
        parsed = pandas.to_datetime(column, format=pattern, errors="coerce", utc=True).dt.tz_localize(None)
        result = parsed if result.isna().all() else result.fillna(parsed)
    failed = result.isna() & column.notna()
    if on_error == "fail" and failed.any():
        raise DatasetExecutionError(f"column {column.name!r}: {column[failed].iloc[0]!r} is no moment")
    return result
