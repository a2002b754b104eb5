"""Moments in texts."""

from __future__ import annotations

from typing import Any, List, Optional

from azud.sdk.exceptions import DatasetExecutionError

_DAY = r"\s*\d{4}-\d{2}-\d{2}(?:[T ].*|\s*)"
"""Where a text begins with a day, the ISO 8601 parser checks the rest of it."""


def found_moments(pandas: Any, column: Any, out_of_range: str) -> Optional[Any]:
    """Return the moments of a column of ISO 8601 texts; None if not all its texts are such.

    Raises:
        DatasetExecutionError: One is out of pandas' range, and `out_of_range` is `fail`.
    """
    present = column.dropna()
    # The first text decides most columns, and costs nothing.
    if not len(present) or not _is_day(present.iloc[:1]) or not _is_day(present):
        return None
    moments = iso_moments(pandas, column)
    failed = moments.isna() & column.notna()
    if failed.any():
        beyond = [text for text in column[failed].unique() if is_moment(text)]
        if len(beyond) < len(column[failed].unique()):
            return None  # texts that only look like moments (2023-99-99)
        if out_of_range == "fail":
            raise out_of_range_error(column.name, beyond[0])
    return moments


def _is_day(texts: Any) -> bool:
    return bool(texts.str.fullmatch(_DAY).all())


def iso_moments(pandas: Any, column: Any) -> Any:
    """Return moments in UTC, without a time zone; missing where a text is no ISO 8601 moment that pandas can hold."""
    options = {"format": "ISO8601"} if int(pandas.__version__.partition(".")[0]) >= 2 else {}
    return pandas.to_datetime(column, errors="coerce", utc=True, **options).dt.tz_localize(None)


def is_moment(text: str, formats: Optional[List[str]] = None) -> bool:
    """Return whether a text is a moment, whether or not pandas can hold it."""
    import datetime

    def read(pattern: Optional[str]) -> bool:
        try:
            if pattern is None:
                datetime.datetime.fromisoformat(text.strip()[:19])
            else:
                datetime.datetime.strptime(text, pattern)
        except ValueError:
            return False
        return True

    return any(read(pattern) for pattern in formats or [None])  # type: ignore[list-item]


def out_of_range_error(column: Any, text: Any) -> DatasetExecutionError:
    """Return the error for a moment that pandas cannot hold."""
    return DatasetExecutionError(
        f"column {column!r}: {text!r} is a moment that pandas cannot hold",
        hint="out_of_range_datetime='null' reads it as missing",
    )


def _read_so(pandas: Any, column: Any, pattern: Optional[str]) -> Any:
    if pattern is None:
        return iso_moments(pandas, column)
    return pandas.to_datetime(column, format=pattern, errors="coerce", utc=True).dt.tz_localize(None)


def set_moments(pandas: Any, column: Any, formats: Optional[List[str]], on_error: str, out_of_range: str) -> Any:
    """Return the moments of a column whose type is set to moments.

    Each text is read by the first `strptime` format that fits, or as ISO 8601.

    Raises:
        DatasetExecutionError: A text is none, and `on_error` is `fail`; or out of range, and `out_of_range` is.
    """
    if pandas.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    result = _read_so(pandas, column, formats[0] if formats else None)
    for pattern in (formats or [])[1:]:
        result = result.where(result.notna(), _read_so(pandas, column, pattern))
    failed = result.isna() & column.notna()
    if failed.any() and "fail" in (on_error, out_of_range):
        for text in column[failed].unique():
            if is_moment(str(text), formats) and out_of_range == "fail":
                raise out_of_range_error(column.name, text)
            if on_error == "fail":
                raise DatasetExecutionError(f"column {column.name!r}: {text!r} is no moment")
    return result
