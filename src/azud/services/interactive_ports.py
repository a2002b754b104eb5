"""What interactive runs need from the store."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from azud.core.processes import ProcessMark
from azud.model.runs import RunError, RunRecord


@dataclasses.dataclass(frozen=True)
class NewInteractiveRun:
    """An interactive run to be made.

    Args:
        position: Among those that are made together.
        started: Whether it runs from the beginning, driven by `owner`.
        owner: The process that drives it; None if that is on another machine.
    """

    id: str
    experiment: str
    name: str
    parent_id: str | None
    position: int
    started: bool
    owner: ProcessMark | None
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    submitted_by: str = ""
    snapshot: str | None = None


@dataclasses.dataclass(frozen=True)
class OpenRun:
    """An interactive run that has not ended, and who drives it."""

    id: str
    status: str
    parent_id: str | None
    owner: ProcessMark | None


class InteractiveRunStore(Protocol):
    """Interactive runs, written by the requests of the programs that drive them."""

    def create(self, new: Sequence[NewInteractiveRun], key: str | None) -> Sequence[RunRecord]:
        """Make runs in one transaction, and their experiment if it does not exist.

        Idempotent: by `key`; one that was used returns the runs that it made.

        Raises:
            ConflictError: There is a run with one of the ids; none was made.
        """

    def change(
        self,
        run_id: str,
        status: str,
        *,
        allowed: frozenset[str],
        error: RunError | None = None,
        owner: ProcessMark | None = None,
    ) -> bool:
        """Change a run's state if it is one of `allowed`; False means that it is not, and nothing was written."""

    def open_runs(self) -> Sequence[OpenRun]:
        """Return the runs that have not ended, oldest first."""
