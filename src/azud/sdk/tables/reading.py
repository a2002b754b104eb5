"""Reading a tabular dataset into pandas.

Cells are read as texts and then typed column by column over all files together, as v1 does: integers, floats,
truth values (`true`/`false` in any case), ISO 8601 moments, else texts. An empty cell is missing. pandas is
imported here, inside the call, and nowhere else in the SDK.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.delimited import read_files
from azud.sdk.tables.kinds import type_columns
from azud.sdk.tables.libraries import pandas_library
from azud.sdk.tables.linked import LINKED, linked_table
from azud.sdk.tables.operations import apply_operation


def read_table(files: List[Tuple[str, str]], definition: Dict[str, Any], *, on_error: str = "null") -> Any:
    """Return the rows of a tabular dataset as a DataFrame.

    Args:
        files: `(absolute path, relative name)`, in order.
        definition: JSON form of `azud.model.data.DatasetDefinition`.
        on_error: `null`: a cell that its column's set type cannot hold becomes missing; `fail`: an error.

    Raises:
        DatasetExecutionError: pandas is missing, a file cannot be read, or a column does not exist.
    """
    pandas = pandas_library()
    if definition["reader"].get("format") == LINKED:
        files, definition = linked_table(files, definition)
    reader = definition["reader"]
    if reader.get("format") != "delimited":
        raise DatasetExecutionError(f"azud cannot read tables of format {reader.get('format')!r} yet")
    files = _filtered(files, reader.get("path_glob"))
    frames = read_files(pandas, files, reader)
    frame = pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()
    if reader.get("include_path"):
        paths = [f"/{name}" for (_, name), part in zip(files, frames) for _ in range(len(part))]
        frame.insert(0, "Path", pandas.Series(paths, dtype=object))
    type_columns(pandas, frame, reader, on_error)
    for operation in (*reader.get("operations", ()), *definition["operations"]):
        frame = apply_operation(frame, operation)
    return frame


def _filtered(files: List[Tuple[str, str]], expression: Optional[str]) -> List[Tuple[str, str]]:
    # v1 applies `path_glob` of an output as a regular expression, and callers wrote theirs for that.
    found = [item for item in files if not expression or re.search(expression, item[1])]
    if files and not found:
        # An empty table would hide that data were looked for under another ending.
        raise DatasetExecutionError(
            f"none of the {len(files)} files, {files[0][1]!r} among them, has a name that matches {expression!r}",
            hint="say which to read: file_extension=None (or path_glob=None) reads all",
        )
    return found
