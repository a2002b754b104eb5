"""What a format must say so that its files are read as one table, in one piece or in parts."""

from __future__ import annotations

from typing import Any, Iterator, List, Optional, Tuple

from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.columns import ColumnTypes, Part, joined, with_added
from azud.sdk.tables.operations import RowOperations
from azud.sdk.tables.plan import TablePlan

_FIRST_ROWS = 10_000


class Source:
    """Files of one format. Subclasses give `names_of_table` and `parts_of_file`."""

    finds_types = True
    """Whether the cells are texts whose types are found, or have types already."""

    def __init__(self, pandas: Any, plan: TablePlan) -> None:
        """Keep what is to be read."""
        self.pandas = pandas
        self.plan = plan
        self.types = ColumnTypes(pandas, plan)
        self._columns: Optional[List[str]] = None

    def names_of_table(self) -> List[str]:
        """Return the names of the columns in the files.

        Raises:
            DatasetExecutionError: A file cannot be read.
        """
        raise NotImplementedError

    def parts_of_file(self, index: int, wanted: List[str], sizes: PartSizes) -> Iterator[Any]:
        """Yield the rows of a file, as frames that have the wanted columns as far as the file has them.

        Raises:
            DatasetExecutionError: The file cannot be read.
        """
        raise NotImplementedError

    @property
    def columns(self) -> List[str]:
        """All columns of the table, before its operations."""
        if self._columns is None:
            added = self.plan.added
            self._columns = added + [name for name in self.names_of_table() if name not in added]
        return self._columns

    def read(self) -> Any:
        """Return the whole table."""
        while True:
            parts = list(self._pass(self.plan.is_reduced))
            if self.types.is_settled():
                break
        result = joined(self.pandas, [self.types.finished(part) for part in parts], self._left())
        return self.types.completed(result)

    def iterate(self) -> Iterator[Any]:
        """Yield the table in parts of bounded size; each column has one type in all of them.

        A table whose types are found is read twice for that.
        """
        if self.finds_types:
            while True:
                for _ in self._pass(in_parts=True):
                    pass
                if self.types.is_settled():
                    break
        for part in self._pass(in_parts=True):
            yield self.types.finished(part).reset_index(drop=True)

    def _pass(self, in_parts: bool) -> Iterator[Part]:
        self.types.begin()
        operations = RowOperations(self.pandas, self.plan.operations)
        columns = self.columns
        wanted = self.plan.needed(columns) if columns else []
        sizes = PartSizes(in_parts, operations)
        failure: Optional[DatasetExecutionError] = None
        for index, item in enumerate(self.plan.files):
            values = self.plan.added_values(item)
            for read in self.parts_of_file(index, [name for name in wanted if name not in values], sizes):
                frame, kinds = self._typed(read, wanted, values)
                if self.types.is_wrong or failure is not None:
                    continue  # only to see the types of the rest
                try:
                    rows = operations.apply(with_added(self.pandas, frame, values, wanted))
                except DatasetExecutionError as error:
                    failure = error  # it may be due to a type that the rest refutes
                    continue
                yield rows, kinds
                if operations.is_done:
                    return
        if failure is not None and self.types.is_settled():
            raise failure

    def _typed(self, frame: Any, wanted: List[str], values: Any) -> Tuple[Any, Any]:
        lacking = [name for name in wanted if name not in values and name not in frame.columns]
        if lacking:
            frame = frame.reindex(columns=[*frame.columns, *lacking])
        return self.types.typed(frame) if self.finds_types else (self.with_set_types(frame), {})

    def with_set_types(self, frame: Any) -> Any:
        """Return a part whose cells have types, with those types that were set."""
        from azud.sdk.tables.columns import replaced
        from azud.sdk.tables.kinds import set_type

        plan = self.plan
        return replaced(
            self.pandas,
            frame,
            {
                name: set_type(self.pandas, frame[name], kind, plan.on_error, plan.out_of_range)
                for name, kind in plan.types.items()
                if name in frame.columns
            },
        )

    def _left(self) -> List[str]:
        """Return the columns that the operations leave."""
        names = self.columns
        for operation in self.plan.operations:
            if operation["op"] == "keep_columns":
                names = list(operation["columns"])
            elif operation["op"] == "drop_columns":
                names = [name for name in names if name not in operation["columns"]]
        return names


class PartSizes:
    """How many rows the next part should have: few at first, for a `take` may want no more, then more and more."""

    def __init__(self, in_parts: bool, operations: RowOperations) -> None:
        """Start small."""
        self.in_parts = in_parts
        self._operations = operations
        self._rows = _FIRST_ROWS

    @property
    def is_taking(self) -> bool:
        """Whether only so many rows are wanted."""
        return self._operations.most_rows > 0

    def next(self, most: int) -> int:
        """Return the number of rows of the next part, at most `most` and at least 1."""
        rows = max(self._rows, min(self._operations.most_rows, 10 * _FIRST_ROWS))
        self._rows *= 2
        return max(1, min(rows, most))
