"""Planning: what would become of a pipeline's steps, and how long it would take, if it were submitted now.

Reads only: no run, no row and no file comes of a plan.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping
from typing import Any

from azud.core.clock import now_text
from azud.core.errors import AzudError
from azud.core.ids import new_uuid
from azud.engine.context import RunContext
from azud.engine.copying import CopiedBytes, Copying
from azud.engine.ends import step_signature
from azud.engine.foreseeing import Foreseen, Foreseer
from azud.engine.history import EarlierRuns, History
from azud.engine.machine import RunMachine
from azud.engine.ports import Capacity, RunStore, StepRow, StoredRun
from azud.engine.rehearsing import rehearse
from azud.engine.requests import LOCAL, node_limits, slot_request
from azud.engine.scheduling import NodeLimits, SlotRequest
from azud.model.definition import StepDefinition
from azud.model.plans import PlannedAction, PlanTotals, RunPlan, StepPlan, TimeBefore
from azud.model.runs import RunError
from azud.planning.binding import effective_parameters
from azud.planning.graph import ExecutionPlan
from azud.services.explaining import BriefReasons
from azud.services.explaining_ports import ExplanationStore
from azud.services.submit import Checked, SubmitService

_MAY_RUN = (PlannedAction.RUN, PlannedAction.DEPENDS_ON)


class PlanService:
    """Makes plans.

    Args:
        submit: Checks what would be submitted.
        store: The engine's store.
        foreseer: Foresees decisions.
        history: Knows earlier runs.
        copying: Looks at sizes.
        capacity: Of the machine.
        earlier: Knows earlier keys.
    """

    def __init__(
        self,
        submit: SubmitService,
        store: RunStore,
        foreseer: Foreseer,
        history: History,
        copying: Copying,
        capacity: Capacity,
        earlier: ExplanationStore,
    ) -> None:
        self._earlier = earlier
        self._submit = submit
        self._store = store
        self._foreseer = foreseer
        self._history = history
        self._copying = copying
        self._capacity = capacity

    def plan(self, body: Mapping[str, Any]) -> RunPlan:
        """Return what the same body would do as a submission. Its source snapshots need not be stored.

        Raises:
            DefinitionError: The pipeline cannot run as it is written.
            NotFoundError: It names a datastore, compute target or parameter that does not exist.
        """
        checked = self._submit.check(body)
        context = self._imagined(checked)
        earlier = EarlierRuns(self._history, context.steps)
        found = self._foreseer.foresee(context, checked.plan, earlier.outputs, BriefReasons(self._earlier))
        times = {step: earlier.time(step) for step in found}
        limits = {name: node_limits(target) for name, target in context.targets.items()}
        copied = CopiedBytes(context, self._copying, earlier.usual_bytes)
        sizes = {name: copied.of(context.steps[name]) for name, item in found.items() if item.action in _MAY_RUN}
        steps = tuple(
            self._step(context.steps[name], item, context, times[name], sizes.get(name, 0), limits)
            for name, item in found.items()
        )
        totals = self._totals(context, checked.plan, found, times, sizes, limits)
        return RunPlan(steps, totals, tuple(dict.fromkeys((*checked.warnings, *context.warnings))))

    def _imagined(self, checked: Checked) -> RunContext:
        """Return the context of a run that nobody has made: its ids name nothing."""
        definition, run_id = checked.submission.definition, new_uuid()
        stored = StoredRun(
            id=run_id,
            experiment=checked.submission.experiment,
            created_at=now_text(),
            definition=definition,
            options=checked.options,
            steps=(),
            events=(),
            sealed={},
        )
        return RunContext(
            stored=stored,
            machine=RunMachine(run_id),
            rows={step.id: StepRow(f"{run_id}-{step.id}", step.id) for step in definition.steps},
            steps={step.id: step for step in definition.steps},
            parameters=effective_parameters(definition, checked.options.parameters),
            datastores=self._store.datastores(),
            targets=self._store.compute_targets(),
            sealed={},
            next_seq=0,
        )

    def _step(
        self,
        step: StepDefinition,
        item: Foreseen,
        context: RunContext,
        before: TimeBefore | None,
        bytes_to_move: int | None,
        limits: Mapping[str, NodeLimits],
    ) -> StepPlan:
        target = step.compute or LOCAL
        nodes = limits.get(target, NodeLimits()).max_nodes // max(step.settings.node_count, 1)
        return StepPlan(
            node_id=step.id,
            name=step.name,
            action=item.action,
            reason=item.reason,
            target=target,
            slots=max(1, min(self._capacity.cores, nodes)),
            source=item.source,
            depends_on=tuple(dict.fromkeys(context.steps[name].name for name in item.waits_for)),
            key=item.key,
            before=before,
            bytes_to_move=bytes_to_move,
            error=_run_error(item.error, step),
        )

    def _totals(
        self,
        context: RunContext,
        plan: ExecutionPlan,
        found: Mapping[str, Foreseen],
        times: Mapping[str, TimeBefore | None],
        sizes: Mapping[str, int | None],
        limits: Mapping[str, NodeLimits],
    ) -> PlanTotals:
        counts = collections.Counter(item.action for item in found.values())
        may_run = [name for name, item in found.items() if item.action in _MAY_RUN]
        known = {name: before for name in may_run if (before := times[name]) is not None}
        low_s = expected_s = high_s = 0.0 if not may_run else None
        if known:
            requests = self._requests(context, known)

            def wall_s(seconds: Mapping[str, float]) -> float:
                return rehearse(plan, seconds, requests, limits, self._capacity)

            expected_s = wall_s({name: before.median_s for name, before in known.items()})
            surely = {name: before.low_s for name, before in known.items() if not found[name].may_be_reused}
            # Shorter steps can make a longer run: they come in another order. Nobody wants to read that.
            low_s = min(expected_s, wall_s(surely))
            high_s = max(expected_s, wall_s({name: before.high_s for name, before in known.items()}))
        return PlanTotals(
            run=counts[PlannedAction.RUN],
            reuse=counts[PlannedAction.REUSE],
            depends_on=counts[PlannedAction.DEPENDS_ON],
            cannot_run=counts[PlannedAction.CANNOT_RUN],
            bytes_to_move=sum(size or 0 for size in sizes.values()),
            expected_s=expected_s,
            low_s=low_s,
            high_s=high_s,
            unknown=len(may_run) - len(known),
        )

    def _requests(self, context: RunContext, names: Iterable[str]) -> dict[str, SlotRequest]:
        signatures = {name: step_signature(context.steps[name]) for name in names}
        used_bytes = self._store.last_rss_bytes(signatures.values())
        return {
            name: slot_request(
                context.steps[name],
                context.targets,
                attempt=name,
                run_id=context.id,
                memory_bytes=used_bytes.get(signature, 0),
            )
            for name, signature in signatures.items()
        }


def _run_error(error: AzudError | None, step: StepDefinition) -> RunError | None:
    return None if error is None else RunError(error.code, error.message, hint=error.hint, step=step.name)
