"""Rows of a database as a file that pandas, or Python alone, reads back without a change.

The first line is JSON, `{"format": "azud-rows/1", "columns": [[name, kind], …]}`. Then come rows as CSV (UTF-8, commas,
quotes doubled inside quotes, LF), without a header. A cell is

    \\N             NULL
    \\x<base64>     bytes
    else           text, in which `\\\\` stands for a backslash, `\\0` for the character NUL and `\\r` for CR

so NULL, an empty text and the text `\\N` are three things. Values of the other kinds are written as

    integer        decimal digits
    float          the shortest text that gives the same number; `nan`, `inf`, `-inf`
    decimal        all its digits, in plain notation
    boolean        `true`, `false`
    date           YYYY-MM-DD
    moment         YYYY-MM-DDTHH:MM:SS[.ffffff], of no time zone
    instant        the same in UTC, with a `Z`
    text           as above; times, intervals, UUIDs and whatever else a database has as it would be shown, and
                   arrays and documents as JSON
"""

from __future__ import annotations

import base64
import csv
import datetime
import decimal
import json
from typing import IO, Any, Callable, Dict, Iterable, Iterator, List, Sequence, Tuple

from azud.model import formats

FORMAT = formats.ROWS
NULL = "\\N"
_BYTES = "\\x"
INTEGER, FLOAT, DECIMAL, BOOLEAN = "integer", "float", "decimal", "boolean"
DATE, MOMENT, INSTANT, TEXT = "date", "moment", "instant", "text"
_MOST_CELL_BYTES = 1 << 30
Columns = Sequence[Tuple[str, str]]


def escaped(text: str) -> str:
    """Return a text as a cell."""
    if "\\" in text or "\0" in text or "\r" in text:  # no library of CSV agrees with another on a lone CR
        return text.replace("\\", "\\\\").replace("\0", "\\0").replace("\r", "\\r")
    return text


def unescaped(cell: str) -> Any:
    """Return what a cell of kind `text` holds: a text, bytes, or None."""
    if "\\" not in cell:
        return cell
    if cell == NULL:
        return None
    if cell.startswith(_BYTES):
        return base64.b64decode(cell[len(_BYTES) :])
    return "\\".join(part.replace("\\0", "\0").replace("\\r", "\r") for part in cell.split("\\\\"))


def _instant(value: datetime.datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat() + "Z"


def _duration(value: datetime.timedelta) -> str:
    """Return a length of time as databases show a TIME: `[-]HH:MM:SS[.ffffff]`."""
    sign, value = ("-", -value) if value < datetime.timedelta(0) else ("", value)
    minutes, seconds = divmod(value.days * 86400 + value.seconds, 60)
    part = f".{value.microseconds:06d}" if value.microseconds else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{part}"


def _document(value: Any) -> str:
    return escaped(json.dumps(value, ensure_ascii=False, default=str))


def _bytes(value: Any) -> str:
    return _BYTES + base64.b64encode(value).decode()


_WRITERS: Dict[type, Callable[[Any], str]] = {
    type(None): lambda value: NULL,
    str: escaped,
    int: str,
    float: repr,
    bool: lambda value: "true" if value else "false",
    decimal.Decimal: lambda value: format(value, "f"),
    datetime.datetime: _instant,
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: _duration,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
    dict: _document,
    list: _document,
    tuple: _document,
}


def cell_of(value: Any) -> str:
    """Return a value that a database's library gave as a cell."""
    writer = _WRITERS.get(type(value))
    return writer(value) if writer is not None else escaped(str(value))


def write_head(stream: IO[str], columns: Columns) -> None:
    """Write the first line."""
    head = {"format": FORMAT, "columns": [list(column) for column in columns]}
    stream.write(json.dumps(head, ensure_ascii=False) + "\n")


def write_rows(stream: IO[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows of values and return how many they were."""
    writer = csv.writer(stream, lineterminator="\n")
    count = 0
    for row in rows:
        writer.writerow([cell_of(value) for value in row])
        count += 1
    return count


def read_head(line: str, place: str) -> List[Tuple[str, str]]:
    """Return the columns that a file's first line names.

    Raises:
        ValueError: It is no such file; `place` says which one.
    """
    try:
        head = json.loads(line)
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']!r}")
        return [(str(name), str(kind)) for name, kind in head["columns"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{place} holds no rows of a database ({error})") from error


def read_cells(stream: IO[str]) -> Iterator[List[str]]:
    """Yield the cells of each row after the first line. The stream was opened with `newline=""`."""
    csv.field_size_limit(_MOST_CELL_BYTES)
    return csv.reader(stream)
