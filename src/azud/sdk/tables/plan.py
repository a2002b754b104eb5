"""What of a table must be read: how it is read, what is done to it, which columns and which files that needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple

from azud.planning.expressions import Bounds, columns_of, may_hold
from azud.planning.partitions import PartitionFormat
from azud.planning.selecting import Files, path_to_split
from azud.sdk.exceptions import DatasetExecutionError, translated

if TYPE_CHECKING:
    from datetime import datetime

ROWS = frozenset(("skip", "take", "sample", "split_first", "split_second", "filter"))
"""Operations that leave fewer rows: a table that has one is read in parts."""
_COUNTING = ROWS - {"filter"}
PATH = "Path"
_NAMED = 20


class TablePlan:
    """How one table is read. `files` are those that the filters on partitions leave."""

    def __init__(self, files: Files, definition: Dict[str, Any], on_error: str, out_of_range: str) -> None:
        """Decide which files are read.

        Raises:
            DatasetExecutionError: No file has a name that is asked for, or a path does not fit the partition format.
        """
        self.reader: Dict[str, Any] = definition["reader"]
        self.operations: List[Dict[str, Any]] = [*self.reader.get("operations", ()), *definition["operations"]]
        self.on_error = on_error
        self.out_of_range = out_of_range
        self.types: Dict[str, Dict[str, Any]] = dict(self.reader.get("column_types") or {})
        with translated():
            found = self.reader.get("partition_format")
            self.partitions: Optional[PartitionFormat] = PartitionFormat(found) if found else None
            named = _named_so(files, self.reader.get("path_glob"))
            self.files = [item for item in named if self._is_needed(item)] if self.partitions else named

    @property
    def is_reduced(self) -> bool:
        """Whether operations leave fewer rows than the files hold."""
        return any(operation["op"] in ROWS for operation in self.operations)

    @property
    def added(self) -> List[str]:
        """The columns that stand in no file: the path, and what the partition format finds in it."""
        path = [PATH] if self.reader.get("include_path") else []
        return path + (self.partitions.keys if self.partitions else [])

    def added_values(self, item: Tuple[str, str]) -> Dict[str, Any]:
        """Return the values of those columns for a file."""
        found: Dict[str, Any] = {PATH: f"/{item[1]}"} if self.reader.get("include_path") else {}
        if self.partitions:
            with translated():
                found.update(self.partitions.values(path_to_split(*item)))
        return found

    def needed(self, columns: Sequence[str]) -> List[str]:
        """Return which of all the columns of the table must be read for its operations and its result.

        Raises:
            DatasetExecutionError: An operation or a set type names a column that is not there.
        """
        present = list(columns)
        known = set(present)
        for name in self.types:
            if name not in known:
                raise missing_column("set_column_types", name, columns)
        for operation in self.operations:
            present = self._after(operation, present)
        wanted = set(present)
        for operation in self.operations:
            wanted |= columns_of(operation["expression"]) if operation["op"] == "filter" else set()
        return [name for name in columns if name in wanted]

    @staticmethod
    def _after(operation: Dict[str, Any], present: List[str]) -> List[str]:
        word = operation["op"]
        if word == "filter":
            named: Sequence[str] = sorted(columns_of(operation["expression"]))
        else:
            named = operation["columns"] if word in ("keep_columns", "drop_columns") else ()
        known = set(present)
        for name in named:
            if name not in known:
                raise missing_column(word, name, present)
        if word == "keep_columns":
            return list(named)
        gone = frozenset(named) if word == "drop_columns" else frozenset()
        return [name for name in present if name not in gone] if gone else present

    def filters(self) -> List[Sequence[Any]]:
        """Return the filters that every row must pass whatever its place in the table: those before a `take`."""
        found: List[Sequence[Any]] = []
        for operation in self.operations:
            if operation["op"] in _COUNTING:
                break
            if operation["op"] == "filter":
                found.append(operation["expression"])
        return found

    def _is_needed(self, item: Tuple[str, str]) -> bool:
        values = self.partitions.values(path_to_split(*item)) if self.partitions else {}

        def bounds_of(column: str) -> Bounds:
            return (values[column], values[column], False) if column in values else None

        return all(may_hold(expression, bounds_of) for expression in self.filters()) and self._is_in_time(values)

    def _is_in_time(self, values: Dict[str, Any]) -> bool:
        """Whether the moments in a path can hold rows of the time that is asked for."""
        for operation in self.operations:
            if operation["op"] in _COUNTING:
                break
            column = operation.get("partition_timestamp")
            if operation["op"] == "time_window" and self.partitions and column in values:
                first, after = self.partitions.span(column, values[column])
                start, end = _moment(operation.get("start")), _moment(operation.get("end"))
                if (start is not None and after <= start) or (end is not None and first > end):
                    return False
        return True


def missing_column(what: str, name: str, columns: Sequence[str]) -> DatasetExecutionError:
    """Return the error for a column that is not in a table."""
    alike = [column for column in columns if str(column).lower() == str(name).lower()]
    listed = ", ".join(map(str, columns[:_NAMED])) + (", …" if len(columns) > _NAMED else "")
    return DatasetExecutionError(
        f"{what}: the table has no column {name!r}",
        hint=f"did you mean {alike[0]!r}?" if alike else f"its columns: {listed}",
    )


def _named_so(files: Files, expression: Optional[str]) -> Files:
    # v1 applies `path_glob` of an output as a regular expression, and callers wrote theirs for that.
    found = [item for item in files if not expression or re.search(expression, item[1])]
    if files and not found:
        # An empty table would hide that data were looked for under another ending.
        raise DatasetExecutionError(
            f"none of the {len(files)} files, {files[0][1]!r} among them, has a name that matches {expression!r}",
            hint="say which to read: file_extension=None (or path_glob=None) reads all",
        )
    return found


def _moment(text: Optional[str]) -> Optional[datetime]:
    import datetime

    return datetime.datetime.fromisoformat(text) if text else None
