"""Reading a tabular dataset into pandas.

A column has the type that all its cells have, over all files together: integers, floats, truth values (`true` and
`false` in any case), ISO 8601 moments, else texts. An empty cell is missing; so are `NA`, `n/a`, `nan` and `null` among
numbers. Where pandas finds the same types it does so; what it types otherwise is read again as texts. Only the files
and columns are read that the table's operations need, and a table that they reduce is read in parts.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, Type

from azud.model.formats import ROWS
from azud.planning.selecting import Files
from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.columns import gathered, need_word
from azud.sdk.tables.delimited import DelimitedFiles
from azud.sdk.tables.json_lines import JsonFiles, JsonLinesFiles
from azud.sdk.tables.libraries import pandas_library
from azud.sdk.tables.linked import LINKED, linked_table
from azud.sdk.tables.parquet import ParquetFiles
from azud.sdk.tables.plan import TablePlan
from azud.sdk.tables.query_rows import QueryRows
from azud.sdk.tables.source import Source

_SOURCES: Dict[str, Type[Source]] = {
    "delimited": DelimitedFiles,
    "parquet": ParquetFiles,
    "json_lines": JsonLinesFiles,
    "json": JsonFiles,
    ROWS: QueryRows,
}


def read_table(files: Files, definition: Dict[str, Any], *, on_error: str = "null", out_of_range: str = "null") -> Any:
    """Return the rows of a tabular dataset as a DataFrame.

    Args:
        files: `(absolute path, relative name)`, in order.
        definition: JSON form of `azud.model.data.DatasetDefinition`.
        on_error: `null`: a cell that its column's set type cannot hold becomes missing; `fail`: an error.
        out_of_range: The same for a moment that pandas cannot hold.

    Raises:
        DatasetExecutionError: pandas is missing, a file cannot be read, or a column does not exist.
    """
    return _source(files, definition, on_error, out_of_range).read()


def iterate_table(files: Files, definition: Dict[str, Any]) -> Iterator[Any]:
    """Yield the same rows in parts, so that tables larger than memory can be written elsewhere.

    Raises:
        DatasetExecutionError: As `read_table`.
    """
    source = _source(files, definition, "null", "null")
    return gathered(source.pandas, source.iterate())


def _source(files: Files, definition: Dict[str, Any], on_error: str, out_of_range: str) -> Source:
    need_word("on_error", on_error)
    need_word("out_of_range_datetime", out_of_range)
    pandas = pandas_library()
    if definition["reader"].get("format") == LINKED:
        files, definition = linked_table(files, definition)
    found = _SOURCES.get(definition["reader"].get("format", ""))
    if found is None:
        raise DatasetExecutionError(f"azud cannot read tables of format {definition['reader'].get('format')!r} yet")
    return found(pandas, TablePlan(files, definition, on_error, out_of_range))
