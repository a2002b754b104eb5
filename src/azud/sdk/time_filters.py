"""Tables with time: which columns hold it, and the rows of a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import DatasetTimestampMissingError, UserErrorException
from azud.sdk.expressions import moment_text

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from typing_extensions import Self


class TimeFilters:
    """What a table with timestamp columns can do. Moments without a time zone are UTC."""

    _definition: Dict[str, Any]

    if TYPE_CHECKING:

        def _with(self, operation: Dict[str, Any]) -> Self: ...

        def take(self, count: int) -> Self: ...

        def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> Any: ...

    @property
    def timestamp_columns(self) -> Tuple[Optional[str], Optional[str]]:
        """The columns of the moment of a row and of its partition; None for one that is not set or was dropped."""
        found: List[Optional[str]] = [None, None]
        for operation in self._definition["operations"]:
            if operation["op"] == "timestamps":
                found = [operation["timestamp"], operation["partition_timestamp"]]
            elif operation["op"] == "keep_columns":
                found = [name if name in operation["columns"] else None for name in found]
            elif operation["op"] == "drop_columns":
                found = [None if name in operation["columns"] else name for name in found]
        return found[0], found[1]

    def with_timestamp_columns(
        self,
        timestamp: Optional[str] = None,
        partition_timestamp: Optional[str] = None,
        validate: bool = False,
        **kwargs: Any,
    ) -> Self:
        """Return the table with the columns that hold time.

        Args:
            timestamp: The column of the moment of a row.
            partition_timestamp: The column of a coarser moment, such as the day in the paths of the files; files
                whose time is not asked for are then not read.
            validate: Read the first row, and see that both columns hold moments.
            **kwargs: `fine_grain_timestamp` and `coarse_grain_timestamp`, the earlier names of the two.

        Raises:
            UserErrorException: There is a partition timestamp without a timestamp, both are the same, or
                with `validate` one holds no moments.
        """
        timestamp = timestamp or kwargs.get("fine_grain_timestamp")
        partition_timestamp = partition_timestamp or kwargs.get("coarse_grain_timestamp")
        if timestamp is not None and timestamp == partition_timestamp:
            raise UserErrorException(f"column {timestamp!r} cannot be both timestamps", hint="leave one of them out")
        found = self._with({"op": "timestamps", "timestamp": timestamp, "partition_timestamp": partition_timestamp})
        if validate:
            _need_moments(found, [name for name in (timestamp, partition_timestamp) if name is not None])
        return found

    def time_before(self, end_time: datetime, include_boundary: bool = True, validate: bool = True) -> Self:
        """Return the rows up to a moment.

        Args:
            end_time: The moment.
            include_boundary: With the rows of that moment itself.
            validate: Accepted as in v1; that the columns hold moments is seen when the table is read.

        Raises:
            DatasetTimestampMissingError: The table has no timestamp columns.
        """
        return self._in_time(None, end_time, include_boundary)

    def time_after(self, start_time: datetime, include_boundary: bool = True, validate: bool = True) -> Self:
        """Return the rows from a moment on; see `time_before`."""
        return self._in_time(start_time, None, include_boundary)

    def time_between(
        self, start_time: datetime, end_time: datetime, include_boundary: bool = True, validate: bool = True
    ) -> Self:
        """Return the rows from one moment to another; see `time_before`."""
        return self._in_time(start_time, end_time, include_boundary)

    def time_recent(self, time_delta: timedelta, include_boundary: bool = True, validate: bool = True) -> Self:
        """Return the rows of the last hours or days; see `time_before`.

        They are counted back from now, when this is called: a definition does not change afterwards.
        """
        import datetime

        now = datetime.datetime.now(datetime.timezone.utc)
        return self._in_time(now - time_delta, now, include_boundary)

    def _in_time(self, start: Any, end: Any, include_boundary: bool) -> Self:
        timestamp, partition = self.timestamp_columns
        column = timestamp or partition
        if column is None:
            raise DatasetTimestampMissingError(
                "this table has no timestamp columns; name them first: dataset.with_timestamp_columns('time')"
            )
        limits = [None if moment is None else _moment(moment) for moment in (start, end)]
        found = self
        if partition is not None and timestamp is not None:
            window = {"op": "time_window", "partition_timestamp": partition, "start": limits[0], "end": limits[1]}
            found = found._with(window)
        for word, limit in ((">", limits[0]), ("<", limits[1])):
            if limit is not None:
                compared = f"{word}=" if include_boundary else word
                found = found._with({"op": "filter", "expression": [compared, {"column": column}, {"moment": limit}]})
        return found


def _moment(value: Any) -> str:
    if not hasattr(value, "isoformat"):
        raise UserErrorException(f"{value!r} is no moment", hint="use a datetime")
    return moment_text(value)


def _need_moments(dataset: Any, columns: List[str]) -> None:
    frame = dataset.take(1).to_pandas_dataframe()
    for name in columns:
        if name not in frame.columns:
            raise UserErrorException(f"the table has no column {name!r}", hint=f"its columns: {', '.join(frame)}")
        if getattr(frame[name].dtype, "kind", "") != "M":
            raise UserErrorException(
                f"column {name!r} holds no moments", hint=f"set_column_types={{{name!r}: DataType.to_datetime()}}"
            )
