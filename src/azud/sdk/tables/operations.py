"""What is done to the rows of a table, part by part."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Sequence

from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.conditions import holding

_UNCHANGING = frozenset(("timestamps", "time_window"))


class RowOperations:
    """The operations of a table in order. Parts of it go through `apply` one after another."""

    def __init__(self, pandas: Any, operations: Sequence[Dict[str, Any]]) -> None:
        """Prepare the operations.

        Raises:
            DatasetExecutionError: One is not for tables.
        """
        self._pandas = pandas
        self._steps: List[Callable[[Any], Any]] = []
        self._takes: List[_Take] = []
        for operation in operations:
            if operation["op"] not in _UNCHANGING:
                self._steps.append(self._step(operation))

    def _step(self, operation: Dict[str, Any]) -> Callable[[Any], Any]:
        word = operation["op"]
        if word == "skip":
            return _Skip(operation["count"])
        if word == "take":
            self._takes.append(_Take(operation["count"]))
            return self._takes[-1]
        if word == "filter":
            return lambda frame: frame[holding(self._pandas, frame, operation["expression"])]
        if word == "keep_columns":
            return lambda frame: frame[list(operation["columns"])]
        if word == "drop_columns":
            return lambda frame: frame.drop(columns=operation["columns"], errors="ignore")
        if word in ("sample", "split_first", "split_second"):
            return _Sample(operation)
        raise DatasetExecutionError(f"azud cannot apply the operation {word!r} to tables yet")

    @property
    def is_done(self) -> bool:
        """Whether no further row can come through."""
        return any(take.left == 0 for take in self._takes)

    @property
    def most_rows(self) -> int:
        """How many rows the nearest `take` still wants; 0 if there is none."""
        return min((take.left for take in self._takes), default=0)

    def apply(self, frame: Any) -> Any:
        """Return what the operations leave of the next part."""
        for step in self._steps:
            frame = step(frame)
        return frame


class _Skip:
    def __init__(self, count: int) -> None:
        self._left = count

    def __call__(self, frame: Any) -> Any:
        skipped = min(self._left, len(frame))
        self._left -= skipped
        return frame.iloc[skipped:] if skipped else frame


class _Take:
    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self, frame: Any) -> Any:
        taken = min(self.left, len(frame))
        self.left -= taken
        return frame if taken == len(frame) else frame.iloc[:taken]


class _Sample:
    """Draws once for each row, as `azud.planning.selecting.chosen_rows` does for files."""

    def __init__(self, operation: Dict[str, Any]) -> None:
        import random

        self._generator = random.Random(operation["seed"])  # noqa: S311 - a sample, not a secret
        self._probability = operation["probability"]
        self._is_rest = operation["op"] == "split_second"

    def __call__(self, frame: Any) -> Any:
        draw, probability = self._generator.random, self._probability
        return frame[[(draw() < probability) is not self._is_rest for _ in range(len(frame))]]
