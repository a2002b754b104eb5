"""Time: aware UTC datetimes, and their one text form."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as _dt

# datetime is imported where it is used: a job that only logs needs `now_text` and nothing else of it.


def utc_now() -> _dt.datetime:
    """Return the current time as an aware UTC datetime."""
    import datetime as _dt

    return _dt.datetime.now(_dt.timezone.utc)


def to_text(moment: _dt.datetime) -> str:
    """Return `2026-11-21T09:30:00.123456Z`; sorting the text sorts the moments.

    Raises:
        ValueError: The datetime is naive.
    """
    import datetime as _dt

    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place on the time line")
    return moment.astimezone(_dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> _dt.datetime:
    """Return the aware UTC datetime of a text that `to_text` made."""
    import datetime as _dt

    return _dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=_dt.timezone.utc)


def now_text() -> str:
    """Return the current time in the form of `to_text`."""
    seconds, microseconds = divmod(time.time_ns() // 1000, 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{microseconds:06d}Z"
