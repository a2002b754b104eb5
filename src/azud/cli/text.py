"""Text for people: control characters made visible, times, durations and sizes."""

from __future__ import annotations

import datetime as dt

from azud.core import clock

_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    """Return the text with control characters escaped, except line ends and tabs.

    Names and logs come from programs; printed raw on a terminal they could move the cursor, change the
    title or hide what stands there. A carriage return before a line end is dropped (Windows lines), any other
    starts a new line, so that progress bars stay readable.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char if char in _KEPT or not _is_control(char) else _escaped(char) for char in text)


def one_line(text: str) -> str:
    """Return the text on one line, with every control character escaped."""
    return " ".join(visible(text).split())


def _is_control(char: str) -> bool:
    # C0, DEL and C1, and the marks that reorder what stands around them.
    return char < " " or "\x7f" <= char <= "\x9f" or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _escaped(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def local_time(text: str | None) -> str:
    """Return a moment of the API (`…Z`) as local date and time, or "" for none."""
    if not text:
        return ""
    return clock.from_text(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def seconds_between(start: str | None, end: str | None) -> float | None:
    """Return how long something took or, without an end, has taken so far; None if it never started."""
    if not start:
        return None
    until = clock.from_text(end) if end else clock.utc_now()
    return max((until - clock.from_text(start)) / dt.timedelta(seconds=1), 0.0)


def duration(seconds: float | None) -> str:
    """Return `0.4 s`, `12 s`, `3 min 5 s` or `2 h 7 min`; "" for None."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(size_bytes: int) -> str:
    """Return a size in bytes, KiB, MiB, …."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    units = ("KiB", "MiB", "GiB", "TiB")
    power = min((size_bytes.bit_length() - 1) // 10, len(units))
    return f"{size_bytes / 1024**power:.1f} {units[power - 1]}"
