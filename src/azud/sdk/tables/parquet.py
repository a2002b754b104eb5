"""Parquet files, read with pyarrow; with fastparquet where only that is there."""

from __future__ import annotations

from typing import Any, Iterator, List, Sequence

from azud.planning.expressions import Bounds, may_hold
from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.columns import chosen_columns
from azud.sdk.tables.libraries import has_fastparquet, parquet_library
from azud.sdk.tables.source import PartSizes, Source

_ROWS = 1_000_000


class ParquetFiles(Source):
    """Parquet files; their columns have the types that the files say."""

    finds_types = False
    _of_file: List[Sequence[str]]

    def names_of_table(self) -> List[str]:
        """Return the names of the columns of all files."""
        self._of_file = [self._names(path) for path, _ in self.plan.files]
        return list(dict.fromkeys(name for names in self._of_file for name in names))

    def parts_of_file(self, index: int, wanted: List[str], sizes: PartSizes) -> Iterator[Any]:
        """Yield the rows of a file."""
        path = self.plan.files[index][0]
        try:
            parquet = parquet_library()
        except DatasetExecutionError:
            if not has_fastparquet():
                raise
            yield self._with_fastparquet(path, wanted)
            return
        names = self._of_file[index]
        chosen = [name for name in wanted if name in set(names)]
        columns = chosen or list(names[:1])  # without a column the number of rows would be lost
        try:
            if not sizes.in_parts:
                table = parquet.read_table(path, columns=columns, partitioning=None)
                yield chosen_columns(_frame(table), chosen)
                return
            file = parquet.ParquetFile(path)
            try:
                for frame in self._frames(file, columns, sizes):
                    yield chosen_columns(frame, chosen)
            finally:
                if hasattr(file, "close"):  # early versions of pyarrow leave it to Python
                    file.close()
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error

    def _frames(self, file: Any, columns: List[str], sizes: PartSizes) -> Iterator[Any]:
        """Yield the rows of the row groups that may hold what is asked for."""
        groups = [group for group in range(file.num_row_groups) if self._is_needed(file, group)]
        rows = sum(file.metadata.row_group(group).num_rows for group in groups)
        if rows <= _ROWS and not sizes.is_taking:
            yield _frame(file.read_row_groups(groups, columns))
            return
        for group in groups:
            left = file.metadata.row_group(group).num_rows
            for batch in file.iter_batches(min(left, sizes.next(_ROWS)), row_groups=[group], columns=columns):
                yield _frame(batch)

    def _is_needed(self, file: Any, group: int) -> bool:
        """Whether the statistics of a row group say that a row can pass the filters."""
        filters = self.plan.filters()
        if not filters:
            return True
        found = _statistics(file.metadata.row_group(group), set(self.plan.types))
        return all(may_hold(expression, found.get) for expression in filters)

    def _names(self, path: str) -> Sequence[str]:
        try:
            parquet = parquet_library()
        except DatasetExecutionError:
            if not has_fastparquet():
                raise
            return list(self._with_fastparquet(path, None).columns)
        try:
            names: Sequence[str] = parquet.read_schema(path).names
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error
        twice = {name for name in names if list(names).count(name) > 1} if len(set(names)) < len(names) else ()
        if twice:
            raise DatasetExecutionError(f"{path} has more than one column named {sorted(twice)[0]!r}")
        return names

    def _with_fastparquet(self, path: str, wanted: Any) -> Any:
        try:
            return self.pandas.read_parquet(path, engine="fastparquet", columns=wanted)
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error


def _frame(table: Any) -> Any:
    # As v1 reads them: an index that pandas kept in the file is a column, and days are moments.
    return table.to_pandas(ignore_metadata=True, date_as_object=False)


def _statistics(group: Any, set_types: Any) -> Any:
    """Return the bounds of the columns of a row group whose values compare as they will in pandas."""
    found = {}
    for place in range(group.num_columns):
        column = group.column(place)
        statistics = column.statistics
        if statistics is None or not statistics.has_min_max or column.path_in_schema in set_types:
            continue
        found[column.path_in_schema] = _bounds(statistics, column.num_values)
    return found


def _bounds(statistics: Any, rows: int) -> Bounds:
    low, high = _naive(statistics.min), _naive(statistics.max)
    if not isinstance(low, (int, float, str)) and not hasattr(low, "hour"):
        return None
    # A missing count is no promise; and NaN is not part of the bounds, though it compares with nothing.
    has_missing = not statistics.has_null_count or statistics.null_count > 0 or isinstance(low, float)
    return low, high, has_missing


def _naive(value: Any) -> Any:
    if getattr(value, "tzinfo", None) is None:
        return value
    import datetime

    return value.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def _unreadable(path: str, error: BaseException) -> DatasetExecutionError:
    text = " ".join(str(error).split())
    return DatasetExecutionError(
        f"{path} cannot be read as parquet: {text}", hint="is the file whole? write it again, or leave it out"
    )
