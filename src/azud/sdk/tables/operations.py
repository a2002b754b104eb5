"""What is done to the rows of a table."""

from __future__ import annotations

from typing import Any, Dict

from azud.planning.selecting import chosen_rows
from azud.sdk.exceptions import DatasetExecutionError


def apply_operation(frame: Any, operation: Dict[str, Any]) -> Any:
    """Return the frame after an operation."""
    name = operation["op"]
    if name == "skip":
        return frame.iloc[operation["count"] :].reset_index(drop=True)
    if name == "take":
        return frame.iloc[: operation["count"]].reset_index(drop=True)
    if name in ("keep_columns", "drop_columns"):
        missing = [column for column in operation["columns"] if column not in frame.columns]
        if missing:
            raise DatasetExecutionError(
                f"{name}: the table has no column {missing[0]!r}",
                hint=f"its columns: {', '.join(map(str, frame.columns))}",
            )
        return frame[operation["columns"]] if name == "keep_columns" else frame.drop(columns=operation["columns"])
    if name in ("sample", "split_first", "split_second"):
        return frame[chosen_rows(len(frame), operation)].reset_index(drop=True)
    raise DatasetExecutionError(f"azud cannot apply the operation {name!r} to tables yet")
