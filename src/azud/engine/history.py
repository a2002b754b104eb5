"""What earlier runs of a step were like: how long they took, what they made."""

from __future__ import annotations

import collections
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from azud.model.definition import StepDefinition
from azud.model.jobs import SealedOutput
from azud.model.plans import TimeBefore

MOST_COMPARED = 20
"""How many step runs of a name are looked at, the newest; those of them that completed are compared."""
ENOUGH_FOR_PERCENTILES = 10
_Kind = tuple[str, str, str]


class PastStep(NamedTuple):
    """An earlier step run that completed.

    Args:
        node_id: The step's id in the pipeline of then.
        made_by: The step run that made its results: itself, or the one that it was reused from.
        duration_s: From the start of `made_by` to its end; None if that is not known.
    """

    node_id: str
    type: str
    script: str
    made_by: str
    duration_s: float | None


class History(Protocol):
    """Earlier step runs. Reads only."""

    def past_steps(self, names: Sequence[str], most: int) -> Mapping[str, Sequence[PastStep]]:
        """Return the newest step runs by name that completed, newest first.

        Args:
            names: Of steps.
            most: How many step runs of each name to look at; those that did not complete are among them.
        """

    def sealed(self, step_runs: Sequence[str]) -> Mapping[str, Sequence[SealedOutput]]:
        """Return what step runs made, by step run; those that made nothing are left out."""

    def output_bytes(self, step_runs: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Return the sizes of what step runs made, by step run and name."""


class EarlierRuns:
    """The earlier runs of a pipeline's steps. "This step" across runs is its name, type and script.

    Args:
        history: Where they are looked up, once.
        steps: The steps by id.
    """

    def __init__(self, history: History, steps: Mapping[str, StepDefinition]) -> None:
        self._history = history
        self._steps = steps
        self._sizes: Mapping[str, Mapping[str, int]] | None = None
        self._twins = collections.Counter(_kind(step) for step in steps.values())
        self._runs: dict[_Kind, list[PastStep]] = collections.defaultdict(list)
        self._newest_at: dict[tuple[_Kind, str], PastStep] = {}
        self._times: dict[_Kind, TimeBefore | None] = {}
        names = collections.Counter(step.name for step in steps.values())
        # Steps of one name share the newest step runs: where there are more of them, more are looked at.
        found = history.past_steps(list(names), MOST_COMPARED * max(names.values(), default=1))
        for name, runs in found.items():
            for run in runs:
                kind = (name, run.type, run.script)
                self._runs[kind].append(run)
                self._newest_at.setdefault((kind, run.node_id), run)

    def time(self, step_id: str) -> TimeBefore | None:
        """Return how long a step took; None if no run like it is known."""
        kind = _kind(self._steps[step_id])
        if kind not in self._times:
            self._times[kind] = time_before(self._runs.get(kind, ()))
        return self._times[kind]

    def outputs(self, step_ids: Iterable[str]) -> Mapping[str, Sequence[SealedOutput]]:
        """Return what steps made when they last ran, by id; those that never ran, or made nothing, are left out."""
        newest = {step_id: run.made_by for step_id in step_ids if (run := self._newest(step_id)) is not None}
        sealed = self._history.sealed(list(dict.fromkeys(newest.values())))
        return {step_id: sealed[made_by] for step_id, made_by in newest.items() if made_by in sealed}

    def _newest(self, step_id: str) -> PastStep | None:
        kind = _kind(self._steps[step_id])
        if self._twins[kind] > 1:
            return self._newest_at.get((kind, step_id))  # its twins did the same with other things
        runs = self._runs.get(kind)
        return runs[0] if runs else None

    def usual_bytes(self, step_id: str, output: str) -> int | None:
        """Return the median size of a step's output in bytes; None if it was never made."""
        if self._sizes is None:
            compared = {run.made_by for runs in self._runs.values() for run in runs[:MOST_COMPARED]}
            self._sizes = self._history.output_bytes(sorted(compared))
        runs = self._runs.get(_kind(self._steps[step_id]), ())[:MOST_COMPARED]
        made = {run.made_by: self._sizes.get(run.made_by, {}).get(output) for run in runs}
        known = [size for size in made.values() if size is not None]
        return round(statistics.median(known)) if known else None


def _kind(step: StepDefinition) -> _Kind:
    return step.name, step.type, step.script


def time_before(runs: Sequence[PastStep]) -> TimeBefore | None:
    """Return how long runs took, each result counted once, however often it was reused; None if none is known."""
    durations = {run.made_by: run.duration_s for run in runs[:MOST_COMPARED]}
    seconds = [value for value in durations.values() if value is not None]
    if not seconds:
        return None
    low_s, high_s = min(seconds), max(seconds)
    if len(seconds) >= ENOUGH_FOR_PERCENTILES:
        tenths = statistics.quantiles(seconds, n=10, method="inclusive")
        low_s, high_s = tenths[0], tenths[-1]
    return TimeBefore(len(seconds), statistics.median(seconds), low_s, high_s)
