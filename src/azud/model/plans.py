"""What a pipeline would do if it were submitted now: nothing of it is stored."""

from __future__ import annotations

import dataclasses
from typing import Optional, Tuple

from azud.model.runs import RunError


class PlannedAction:
    """What would become of a step."""

    RUN = "run"
    REUSE = "reuse"
    DEPENDS_ON = "depends_on"
    CANNOT_RUN = "cannot_run"


@dataclasses.dataclass(frozen=True)
class TimeBefore:
    """How long earlier runs of a step took, in seconds from their start to their end, waiting for a slot left out.

    `low_s` and `high_s` are the tenth and ninetieth percentiles, of fewer than ten runs the shortest and the longest.
    """

    count: int
    median_s: float
    low_s: float
    high_s: float


@dataclasses.dataclass(frozen=True)
class StepPlan:
    """What would become of one step, and why.

    Args:
        action: See `PlannedAction`. `depends_on`: it runs or is reused, by what steps before it yield.
        reason: One sentence.
        source: The step run whose result is used; of `depends_on`, if the steps before yield what they did before.
        depends_on: Names of the steps before it whose results are not known yet.
        key: Its action key, where that is known.
        before: None if no run like it has completed.
        bytes_to_move: What is copied if it runs: downloaded inputs, and outputs that are not moved by renaming. The
            private copy of its source folder does not count. None if a size is not known yet.
        target: Its compute target.
        slots: How many steps like it the target runs side by side.
        error: Why it could not run.
    """

    node_id: str
    name: str
    action: str
    reason: str
    target: str
    slots: int
    source: Optional[str] = None
    depends_on: Tuple[str, ...] = ()
    key: Optional[str] = None
    before: Optional[TimeBefore] = None
    bytes_to_move: Optional[int] = 0
    error: Optional[RunError] = None


@dataclasses.dataclass(frozen=True)
class PlanTotals:
    """Counts of steps by action, and sums.

    Args:
        bytes_to_move: Of the steps that run or may run; those whose size is not known add nothing.
        expected_s: Wall time on this machine's free slots if every step that may run does, and takes its median. None
            if that is not known of any of them.
        low_s: The same with the short times, and without the steps that are reused if those before them yield what
            they did before.
        high_s: The same with the long times.
        unknown: How many steps that may run have never run before: they add nothing, so the times say "at least".
    """

    run: int
    reuse: int
    depends_on: int
    cannot_run: int
    bytes_to_move: int
    expected_s: Optional[float]
    low_s: Optional[float]
    high_s: Optional[float]
    unknown: int = 0


@dataclasses.dataclass(frozen=True)
class RunPlan:
    """A pipeline's steps in the order of their execution; `warnings` are those that its run would have."""

    steps: Tuple[StepPlan, ...]
    totals: PlanTotals
    warnings: Tuple[str, ...] = ()
