"""The metric spool: an append-only file of JSON lines in the attempt folder.

A record is on its way to the reader as soon as `write` returns: one `write(2)` on a descriptor opened for
appending, so a record survives the SIGKILL of the job that logged it, and threads and forked children may
log at the same time. Nothing that happens here can fail a job.

Records::

    {"t": "metric", "name", "kind", "value", "step", "at"}    see azud.model.runs.MetricPoint
    {"t": "tag", "key", "value"}
    {"t": "property", "key", "value"}

JSON knows no NaN and no infinities: they are written as `{"$float": "nan"}`, `"inf"` or `"-inf"`.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

SPOOL = "metrics.jsonl"
"""Name of the spool in an attempt folder."""

_NOT_FINITE = ("nan", "inf", "-inf")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=repr).encode


class Spool:
    """Appends records to an attempt's spool.

    Args:
        descriptor: File opened with `O_APPEND`.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._warned = False
        self._torn = False

    @classmethod
    def open(cls, folder: str) -> Spool:
        """Open, and if need be make, the spool of the attempt in a folder.

        Raises:
            OSError: The folder is gone or cannot be written.
        """
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return cls(os.open(os.path.join(folder, SPOOL), flags, 0o600))

    def write(self, record: Dict[str, Any]) -> None:
        """Append a record. A disk that refuses it gives one warning on stderr, never an exception.

        A value that JSON has no form for is written as its `repr`.
        """
        try:
            line = _encode(record)
        except ValueError:
            line = _encode(without_nan(record))
        data = line.encode("utf-8", "surrogatepass") + b"\n"
        if self._torn:
            data = b"\n" + data
        try:
            self._torn = os.write(self._descriptor, data) < len(data)
        except OSError as error:
            self._warn(error.strerror or str(error))
        else:
            if self._torn:
                self._warn("the disk is full")

    def _warn(self, why: str) -> None:
        if not self._warned:
            self._warned = True
            print(f"azud: metrics cannot be recorded: {why}", file=sys.stderr)  # noqa: T201


def without_nan(value: Any) -> Any:
    """Return the value with floats that JSON has no form for written as `{"$float": text}`."""
    if isinstance(value, float):
        text = float.__repr__(value)  # that of a subclass (numpy's) may be another
        return {"$float": text} if text in _NOT_FINITE else value
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return value


def with_nan(value: Any) -> Any:
    """Return the value that `without_nan` was given."""
    if isinstance(value, dict):
        if len(value) == 1 and "$float" in value:
            return float(value["$float"])
        return {key: with_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_nan(item) for item in value]
    return value


def read_records(path: str, offset: int, most_bytes: int = -1) -> Tuple[List[Dict[str, Any]], int]:
    """Return the complete records from a byte offset on, and the offset after the last of them.

    Of more than `most_bytes` bytes only so many are read (but one record at least), if that is not negative.
    A last line without its end is still being written and is left for the next call; a line that is no JSON
    object (a torn write on a full disk) is passed over. A spool that does not exist holds nothing.
    """
    try:
        with open(path, "rb") as stream:
            stream.seek(offset)
            data = stream.read(most_bytes)
            while most_bytes > 0 and b"\n" not in data:
                more = stream.read(most_bytes)
                if not more:
                    break
                data += more
    except FileNotFoundError:
        return [], offset
    end = data.rfind(b"\n") + 1
    records = []
    for line in data[:end].splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            records.append(record)
    return records, offset + end
