"""Moments in texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, List, Optional

from azud.sdk.exceptions import DatasetExecutionError

if TYPE_CHECKING:
    from datetime import datetime

_DAY = r"\s*\d{4}-\d{1,2}-\d{1,2}(?:[T ].*|\s*)"
"""Where a text begins with a day, the ISO 8601 parser checks the rest of it."""


def found_moments(pandas: Any, column: Any, out_of_range: str) -> Optional[Any]:
    """Return the moments of a column of ISO 8601 texts; None if not all its texts are such.

    Args:
        pandas: The library.
        column: Texts and missing cells.
        out_of_range: `null` or `fail`.

    Raises:
        DatasetExecutionError: One is out of pandas' range, and `out_of_range` is `fail`.
    """
    if not column.dropna().str.fullmatch(_DAY).all():
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


def is_day(text: str) -> bool:
    """Return whether a text begins as an ISO 8601 moment does."""
    return re.fullmatch(_DAY, text) is not None


def is_guessed(pandas: Any) -> bool:
    """Return whether this pandas reads all moments of a column in the one format that it guesses from the first."""
    return _version(pandas) >= 2


def _version(pandas: Any) -> int:
    return int(pandas.__version__.partition(".")[0])


def has_now(pandas: Any, frame: Any, start: datetime) -> bool:
    """Return whether a moment of a frame may be the time at which it was read, in UTC or the zone of this machine.

    pandas takes the texts `now` and `today` for it; and for one of 1970 where it counts nanoseconds among moments that
    it would not have to count so.
    """
    import datetime

    margin = datetime.timedelta(seconds=2)
    away = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.datetime.now()
    for name in frame.columns:
        column = frame[name]
        if getattr(column.dtype, "kind", "") == "M":
            moments = without_zone(column)
            if str(moments.dtype) == "datetime64[ns]" and _version(pandas) >= 3:
                return True
            for shift in (datetime.timedelta(0), away):
                if moments.between(start + shift - margin, datetime.datetime.now() + shift + margin).any():
                    return True
    return False


def without_zone(column: Any) -> Any:
    """Return moments in UTC, without a time zone."""
    return column if getattr(column.dtype, "tz", None) is None else column.dt.tz_convert("UTC").dt.tz_localize(None)


def iso_moments(pandas: Any, column: Any) -> Any:
    """Return moments in UTC, without a time zone; missing where a text is no ISO 8601 moment that pandas can hold."""
    options = {"format": "ISO8601"} if is_guessed(pandas) else {}
    return without_zone(pandas.to_datetime(column, errors="coerce", utc=True, **options))


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
    return without_zone(pandas.to_datetime(column, format=pattern, errors="coerce", utc=True))


def set_moments(pandas: Any, column: Any, formats: Optional[List[str]], on_error: str, out_of_range: str) -> Any:
    """Return the moments of a column whose type is set to moments.

    Each text is read by the first `strptime` format that fits, or as ISO 8601.

    Raises:
        DatasetExecutionError: A text is none, and `on_error` is `fail`; or out of range, and `out_of_range` is.
    """
    if pandas.api.types.is_datetime64_any_dtype(column.dtype):
        return without_zone(column)
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
