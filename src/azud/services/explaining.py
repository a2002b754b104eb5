"""`azud why`: for each step of a run, what was decided, and what differs from the nearest earlier key."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from azud.core.errors import NotFoundError
from azud.engine.ports import ListedFile, ReuseDecision
from azud.model.definition import InputPort, PipelineDefinition
from azud.model.explanation import (
    BYPASSED,
    RAN,
    REFUSED,
    REUSED,
    UNDECIDED,
    Change,
    Explanation,
    change_lines,
)
from azud.model.runs import RunRecord, RunStatus, RunType
from azud.planning.differences import CONTENT, Difference, differences, distance, shown
from azud.planning.graph import ExecutionPlan, build_plan
from azud.services.contents import Contents
from azud.services.explaining_ports import EarlierKey, ExplanationStore
from azud.services.ports import RunCatalog
from azud.services.runs import step_runs

MOST_EARLIER = 30
"""With so many of the newest earlier keys a step's key is compared."""
MOST_LOOKED_INTO = 5
"""Of those that differ in as few components, so many are looked into: the nearest differs in the fewest files."""
MOST_BRIEFED, MOST_CHANGES = 50, 3
"""A plan compares so many steps, and names so many changes of each: it is to be quick, and read in one look."""


class ExplanationService:
    """Explains decisions.

    Args:
        runs: The stored runs and decisions.
        store: Earlier keys, environments, files of inputs.
        contents: Looks into what changed.
    """

    def __init__(self, runs: RunCatalog, store: ExplanationStore, contents: Contents) -> None:
        self._runs = runs
        self._store = store
        self._contents = contents

    def explain(self, run_id: str) -> Sequence[Explanation]:
        """Return the explanation of a step run, or those of all steps of a pipeline run in their order.

        Raises:
            NotFoundError: There is no such run.
        """
        record = self._runs.run(run_id)
        if record.type == RunType.INTERACTIVE:
            return []
        run = _Run(self._runs, record.parent_id or record.id)
        return [self._step(step, run) for step in ([record] if record.is_step else run.steps)]

    def _step(self, step: RunRecord, run: _Run) -> Explanation:
        base = Explanation(step.id, step.parent_id or "", step.name, step.status, UNDECIDED)
        decision = self._runs.decision(step.id)
        if decision is None:
            outcome, reason = _undecided(step, run)
            return dataclasses.replace(base, outcome=outcome, reason=reason)
        base = dataclasses.replace(base, code=decision.outcome, reason=decision.reason)
        if decision.outcome == "hit":
            source = self._store.earlier_step(decision.reused_from or "")
            return dataclasses.replace(base, outcome=REUSED, source=source)
        base = dataclasses.replace(base, outcome=RAN)
        if decision.outcome != "miss" or decision.preimage is None:
            return base
        return self._compared(base, step, decision, run.definition)

    # -- comparing ------------------------------------------------------------------------------

    def _compared(
        self, base: Explanation, step: RunRecord, decision: ReuseDecision, definition: PipelineDefinition
    ) -> Explanation:
        now = decision.preimage or {}
        earlier = self._store.earlier_keys(step.name, MOST_EARLIER, step)
        if not earlier:
            return dataclasses.replace(base, reason=f"no step called {step.name!r} ran before it")
        nearest, changes = min(
            (
                (item, self._changes_of(found, step, definition, item))
                for item, found in _nearest(earlier, now)[:MOST_LOOKED_INTO]
            ),
            # Of two that are equally near the newer one, which comes first.
            key=lambda told: sum(max(1, len(change.files)) for change in told[1]),
        )
        if nearest.key == decision.key:
            base = dataclasses.replace(base, reason=_why_not_stored(nearest) or base.reason)
        return dataclasses.replace(base, compared_with=nearest.step, changes=tuple(changes))

    def _changes_of(
        self, found: Sequence[Difference], step: RunRecord, definition: PipelineDefinition, earlier: EarlierKey
    ) -> list[Change]:
        return [change for item in found for change in self._changes(item, step, definition, earlier)]

    def _changes(
        self, difference: Difference, step: RunRecord, definition: PipelineDefinition, nearest: EarlierKey
    ) -> list[Change]:
        if difference.component == "source":
            return [self._contents.source(difference.before, difference.now)]
        if difference.component == "environment":
            return self._contents.environment(difference.before, difference.now)
        if difference.component == CONTENT:
            before = self._files(nearest.step.step_run_id, None, difference.name, difference.before)
            now = self._files(step.id, definition, difference.name, difference.now)
            return [self._contents.input(difference.name, before, now)]
        if difference.component == "run_after":
            return [Change("run_after", note="a step that it runs after was run anew")]
        before_text, now_text = shown(difference)
        return [Change(difference.component, difference.name, before_text, now_text)]

    def _files(
        self, step_run_id: str, definition: PipelineDefinition | None, name: str, digest: str
    ) -> Sequence[ListedFile] | None:
        """Return the files of an input as the step got it, or None if they are not kept."""
        found = self._store.data_files(digest)
        if found is not None:
            return found
        try:
            step = self._runs.run(step_run_id)
            definition = definition or self._runs.definition(step.parent_id or "")
        except NotFoundError:
            return None
        port = _port(definition, step.node_id, name)
        if port is None or port.step is None:
            return None
        maker = self._store.step_run_of(step.parent_id or "", port.step)
        if maker is None:
            return None
        for output in self._runs.outputs(maker):
            if output.sealed.name == port.output:
                return [(file.path or port.output, file.digest, file.size_bytes) for file in output.sealed.files]
        return None


class _Run:
    """A pipeline run, of which each part is read when it is needed.

    Args:
        runs: The stored runs.
        run_id: Of a pipeline run.
    """

    def __init__(self, runs: RunCatalog, run_id: str) -> None:
        self._runs = runs
        self._id = run_id

    @functools.cached_property
    def definition(self) -> PipelineDefinition:
        """What was submitted."""
        return self._runs.definition(self._id)

    @functools.cached_property
    def steps(self) -> list[RunRecord]:
        """The step runs in creation order."""
        return list(step_runs(self._runs, self._id))

    @functools.cached_property
    def _plan(self) -> ExecutionPlan:
        return build_plan(self.definition)

    @functools.cached_property
    def _states(self) -> dict[str | None, tuple[str, str]]:
        return {item.node_id: (item.name, item.status) for item in self.steps}

    def not_completed(self, step: RunRecord) -> list[str]:
        """Name the steps that this one needs and that have not completed."""
        needed = (self._states[node] for node in self._plan.predecessors.get(step.node_id or "", ()))
        return [repr(name) for name, status in needed if status != RunStatus.COMPLETED]


def _undecided(step: RunRecord, run: _Run) -> tuple[str, str]:
    """Return outcome and reason of a step about which nothing was decided."""
    if step.error is not None:
        return REFUSED, step.error.message
    needed = run.not_completed(step)
    if step.status == RunStatus.BYPASSED:
        return BYPASSED, f"it needs {' and '.join(needed) or 'a step'} to succeed"
    if step.status in RunStatus.TERMINAL:
        return BYPASSED, "the run ended before it was this step's turn"
    if needed:
        return UNDECIDED, f"it waits for {', '.join(needed)}"
    return UNDECIDED, "its turn has not come yet, or the same step of another run is running"


def _port(definition: PipelineDefinition, node_id: str | None, name: str) -> InputPort | None:
    for step in definition.steps:
        if step.id == node_id:
            return next((port for port in step.inputs if port.name == name), None)
    return None


class BriefReasons:
    """Why steps would run, in one line each, for plans: what differs from the nearest earlier key.

    Args:
        store: Knows earlier keys.
    """

    def __init__(self, store: ExplanationStore) -> None:
        self._store = store
        self._left = MOST_BRIEFED

    def __call__(self, name: str, decision: ReuseDecision) -> str:
        """Return the reason of a decision about a step of this name; the decision's own after so many."""
        if decision.outcome != "miss" or decision.preimage is None or self._left == 0:
            return decision.reason
        self._left -= 1
        earlier = self._store.earlier_keys(name, MOST_EARLIER)
        if not earlier:
            return f"no step called {name!r} ran before"
        nearest, found = _nearest(earlier, decision.preimage)[0]
        if nearest.key == decision.key:
            return _why_not_stored(nearest) or decision.reason
        changes = [_in_brief(item) for item in found]
        more = f" and {len(changes) - MOST_CHANGES} more" if len(changes) > MOST_CHANGES else ""
        return f"{', '.join(changes[:MOST_CHANGES])}{more} (compared with run {nearest.step.run_id[:8]})"


def _nearest(earlier: Sequence[EarlierKey], now: Mapping[str, Any]) -> list[tuple[EarlierKey, list[Difference]]]:
    """Return those of the earlier keys that differ in the fewest components, newest first, with their differences."""
    compared = [(item, differences(item.preimage, now)) for item in earlier]
    least = min(distance(found) for _, found in compared)
    return [(item, found) for item, found in compared if distance(found) == least]


def _in_brief(difference: Difference) -> str:
    if difference.component == CONTENT:
        return f"input {difference.name} changed"
    if difference.component in ("source", "environment", "run_after"):
        return f"{difference.component.replace('_', ' ')} changed"
    return change_lines(Change(difference.component, difference.name, *shown(difference)))[0]


def _why_not_stored(earlier: EarlierKey) -> str | None:
    """Return why a step with the very same key left no result; None: no more is known than the decision says."""
    name = f"step run {earlier.step.step_run_id[:8]}"
    if earlier.step.status in (RunStatus.FAILED, RunStatus.CANCELED):
        word = earlier.step.status.lower()
        return f"the same step was tried before as {name}, which {word}; only completed results are stored"
    if earlier.step.status not in RunStatus.TERMINAL:
        return f"the same step is under way as {name}"
    kept_out = next((text for text in earlier.warnings if text.startswith("not stored for reuse: ")), None)
    if kept_out is not None:
        return f"the same step ran as {name}, whose result was {kept_out}"
    if earlier.code == "disabled":
        return f"the same step ran as {name}, which said allow_reuse=False"
    return None
