"""The first rows of a delimited file: names of columns, and what kind of cells follow."""

from __future__ import annotations

import csv
import re
from typing import Any, List, Sequence

from azud.sdk.tables.moments import is_day

_ROWS = 20
_CELLS = 100_000
_PACKED = (".gz", ".bz2", ".zip", ".xz", ".zst", ".tar")

Head = List[List[str]]


def head_of(pandas: Any, path: str, separator: str, encoding: str) -> Head:
    """Return the cells of the first rows that are not blank: some of them, one at least; [] if there is none.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not written in this encoding, or no table.
    """
    if len(separator) == 1 and not path.endswith(_PACKED):
        try:
            return _csv_rows(path, separator, encoding)
        except csv.Error:
            pass  # a cell beyond the module's limit, which pandas does not have
    try:
        frame = pandas.read_csv(
            path,
            sep=separator if len(separator) == 1 else re.escape(separator),
            engine="c" if len(separator) == 1 else "python",
            encoding=encoding,
            header=None,
            nrows=1,
            dtype=str,
            keep_default_na=False,
        )
    except pandas.errors.EmptyDataError:
        return []
    return [[str(cell) for cell in frame.iloc[0]]]


def _csv_rows(path: str, separator: str, encoding: str) -> Head:
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    found: Head = []
    with open(path, encoding=codec, newline="") as stream:
        for row in csv.reader(stream, delimiter=separator):
            if len(row) > 1 or (row and row[0].strip()):
                found.append(row)
                if len(found) > _ROWS or len(found) * len(row) > _CELLS:
                    break
    return found


def days_in(rows: Sequence[Sequence[str]], columns: int) -> List[int]:
    """Return the places of columns whose first cell that is present is an ISO 8601 moment."""
    found = []
    for place in range(columns if rows else 0):
        first = next((row[place] for row in rows if place < len(row) and row[place]), "")
        if first[4:5] == "-" and is_day(first):
            found.append(place)
    return found


def unique_names(row: Sequence[str], has_names: bool) -> List[str]:
    """Return names for the cells of a first row: their own; `Column3` for one without; `a.1` for a second `a`."""
    names: List[str] = []
    taken = set()
    for number, cell in enumerate(row, 1):
        base = cell if has_names and cell.strip() else f"Column{number}"
        name, count = base, 0
        while name in taken:
            count += 1
            name = f"{base}.{count}"
        taken.add(name)
        names.append(name)
    return names
