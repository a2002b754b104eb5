"""What is wrong with a delimited file, in words: which file, which line, and what to do."""

from __future__ import annotations

import csv
import re
from typing import Optional, Tuple

from azud.sdk.exceptions import DatasetExecutionError

_SURPLUS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_WIDE = ("utf-16", "utf16", "utf-32", "utf32")


def explained(path: str, error: BaseException, separator: str, encoding: str, columns: int) -> DatasetExecutionError:
    """Return the error for a file that pandas cannot read.

    Args:
        path: Of the file.
        error: What pandas or the system said.
        separator: Between cells.
        encoding: As which the file was read.
        columns: How many names it has.
    """
    if isinstance(error, UnicodeError):
        line = _line_of_foreign_bytes(path, encoding)
        where = f"line {line} of {path}" if line else path
        return DatasetExecutionError(
            f"{where} is not written in {encoding}: {error}",
            hint="give the encoding in which the file was written, or write all of it in one",
        )
    found = _SURPLUS.search(str(error))
    if found:
        return _surplus(path, int(found.group(2)), int(found.group(1)), int(found.group(3)))
    if isinstance(error, Warning):
        line, cells = _first_long_row(path, separator, encoding, columns)
        return _surplus(path, line, columns, cells)
    if "inside string" in str(error):
        return DatasetExecutionError(
            f"{path} cannot be read as a table: a quote is opened and never closed ({error})",
            hint="close the quote, or write quotes inside of cells twice",
        )
    if isinstance(error, LookupError):
        return DatasetExecutionError(f"{path} cannot be read: {error}", hint="use an encoding that Python knows")
    return DatasetExecutionError(f"{path} cannot be read as a table: {error}")


def _surplus(path: str, line: int, columns: int, cells: int) -> DatasetExecutionError:
    return DatasetExecutionError(
        f"line {line} of {path} cannot be read as a table: it has {cells} cells, the table {columns} columns",
        hint="quote cells that hold the separator, or correct the row",
    )


def _first_long_row(path: str, separator: str, encoding: str, columns: int) -> Tuple[int, int]:
    """Return the line and the number of cells of the first row with more cells than columns."""
    with open(path, encoding=encoding, newline="") as stream:
        if len(separator) > 1:
            counts = ((number, len(line.split(separator))) for number, line in enumerate(stream, 1))
        else:
            rows = csv.reader(stream, delimiter=separator)
            counts = ((rows.line_num, len(row)) for row in rows)
        return next(((line, count) for line, count in counts if count > columns), (0, 0))


def _line_of_foreign_bytes(path: str, encoding: str) -> Optional[int]:
    """Return the first line that is no text in an encoding; None if that cannot be said line by line."""
    if encoding.lower().startswith(_WIDE):
        return None
    with open(path, "rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode(encoding)
            except UnicodeError:
                return number
    return None
