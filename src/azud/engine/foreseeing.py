"""Foresee what the engine would decide if a pipeline were submitted now: run, reuse, or not known yet.

The steps are gone through in the order of the graph, and the engine's own `ReuseDecider` decides each step whose
inputs are known: those of steps that would be reused are, because what was sealed then is what they yield.

Behind a step that would run, nothing is certain; what it yields may be what it yielded before (early cut-off).
So the decider is asked once more under that assumption: every step that would run yields the bytes of its newest
earlier run. The answer is told as what it is, "reused if …", and never counted as certain.

Nothing is stored, started or put on a list: the decider works with the ports of `engine.onlooking`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from azud.core.errors import AzudError
from azud.engine.context import RunContext
from azud.engine.onlooking import OneMoment, Onlooker, assumed
from azud.engine.ports import DataPort, Environments, ResolvedEnvironment, ReuseDecision, RunStore
from azud.engine.resolving import resolve_environment
from azud.engine.reuse import HIT, REFUSE, WAIT, InFlight, ReuseDecider, Verdict, without_look_up
from azud.model.definition import EnvironmentSpec, StepDefinition
from azud.model.jobs import SealedOutput
from azud.model.plans import PlannedAction
from azud.planning.graph import ExecutionPlan

Reasons = Callable[[str, ReuseDecision], str]
OutputsBefore = Callable[[Iterable[str]], Mapping[str, Sequence[SealedOutput]]]
"""Returns what steps (by id) made when they last ran; those that never ran are left out."""


@dataclasses.dataclass(frozen=True)
class Foreseen:
    """What would become of a step.

    Args:
        action: See `PlannedAction`.
        waits_for: Ids of the steps before it whose results are not known yet.
        may_be_reused: Whether it is reused if those yield what they did before.
    """

    action: str
    reason: str
    source: str | None = None
    key: str | None = None
    waits_for: tuple[str, ...] = ()
    may_be_reused: bool = False
    error: AzudError | None = None


class Foreseer:
    """Foresees runs.

    Args:
        store: Looks up entries.
        data: Fingerprints inputs and verifies outputs.
        environments: Resolves interpreters.
        in_flight: What runs at this moment.
    """

    def __init__(self, store: RunStore, data: DataPort, environments: Environments, in_flight: InFlight) -> None:
        self._store = store
        self._data = data
        self._environments = environments
        self._in_flight = in_flight

    def foresee(
        self, context: RunContext, plan: ExecutionPlan, before: OutputsBefore, why: Reasons
    ) -> dict[str, Foreseen]:
        """Return what would become of each step, by id, in the order of the plan.

        Args:
            context: Of a run that nobody has made.
            plan: Its graph.
            before: What steps made when they last ran.
            why: Says why a step that would run does, given its name and the decision.

        Effects: On the context alone, which is made for this: sealed outputs (some of them assumed), staged inputs,
        environments, warnings.
        """
        onlooker = Onlooker(self._in_flight)
        decider = ReuseDecider(self._store, OneMoment(self._data), onlooker)
        walk = _Walk(context, plan, decider, onlooker, self._environments, before, why)
        for level in _levels(plan):
            walk.settle([context.steps[step] for step in level])
        return {step: walk.found[step] for step in plan.order}


class _Walk:
    """One pass over a pipeline; `found` grows level by level."""

    def __init__(
        self,
        context: RunContext,
        plan: ExecutionPlan,
        decider: ReuseDecider,
        onlooker: Onlooker,
        environments: Environments,
        before: OutputsBefore,
        why: Reasons,
    ) -> None:
        self._why = why
        self._current: list[tuple[EnvironmentSpec, ResolvedEnvironment]] = []
        self.found: dict[str, Foreseen] = {}
        self._context = context
        self._plan = plan
        self._decider = decider
        self._onlooker = onlooker
        self._environments = environments
        self._before = before
        self._outputs_before: Mapping[str, Sequence[SealedOutput]] | None = None

    def settle(self, steps: Sequence[StepDefinition]) -> None:
        """Foresee steps all of whose predecessors have been."""
        certain, asked = [], []
        for step in steps:
            found = self._certainly(step)
            if found is not None:
                self.found[step.id] = found
            elif not self._open(step):
                certain.append(step)
            elif (gap := self._gap(step)) is not None:
                self.found[step.id] = self._unknown(step, gap)
            else:
                asked.append(step)
        verdicts = {item.step: item for item in self._decider.decide(self._context, [*certain, *asked], set())}
        for step in certain:
            self.found[step.id] = self._decided(step, verdicts[step.id])
        for step in asked:
            self.found[step.id] = self._assumed(step, verdicts[step.id])
        self._assume([step for step in steps if step.id not in self._context.sealed])

    # -- what needs no look at the inputs -------------------------------------------------------

    def _certainly(self, step: StepDefinition) -> Foreseen | None:
        """Return what becomes of a step whatever those before it yield, or None if that matters."""
        blocked = [name for name in self._plan.predecessors[step.id] if self._is(name, PlannedAction.CANNOT_RUN)]
        if blocked:
            return Foreseen(PlannedAction.CANNOT_RUN, f"{self._names(blocked)} before it cannot run")
        try:
            resolve_environment(self._environments, self._context, step, self._current)
        except AzudError as error:
            return Foreseen(PlannedAction.CANNOT_RUN, error.message, error=error)
        waits_for = self._open(step)
        if not waits_for:
            return None
        outcome = without_look_up(self._context, step, None, set())
        if outcome is not None:
            return Foreseen(PlannedAction.RUN, outcome[1], waits_for=waits_for)
        anew = [name for name in step.run_after if self._is(name, PlannedAction.RUN)]
        if anew:
            # What ran before it is part of its key, and nothing was ever stored under that of a run to come.
            reason = f"it runs after {self._names(anew)}, and a run of that is always new"
            return Foreseen(PlannedAction.RUN, reason, waits_for=waits_for)
        return None

    def _open(self, step: StepDefinition) -> tuple[str, ...]:
        """Return the predecessors whose results are not known yet."""
        return tuple(name for name in self._plan.predecessors[step.id] if not self._is(name, PlannedAction.REUSE))

    def _is(self, step: str, action: str) -> bool:
        return self.found[step].action == action

    # -- what the decider says ------------------------------------------------------------------

    def _decided(self, step: StepDefinition, verdict: Verdict) -> Foreseen:
        """Return what becomes of a step all of whose inputs are known."""
        if verdict.action == REFUSE and verdict.error is not None:
            return Foreseen(PlannedAction.CANNOT_RUN, verdict.error.message, error=verdict.error)
        if verdict.action == WAIT or verdict.decision is None:
            run_id, _ = self._onlooker.would_wait[step.id]
            reason = f"the same step is under way in run {run_id}: its result is used if it completes"
            return Foreseen(PlannedAction.DEPENDS_ON, reason)
        decision = verdict.decision
        if verdict.action == HIT:
            self._take_over(verdict)
            return Foreseen(PlannedAction.REUSE, decision.reason, decision.reused_from, decision.key)
        return Foreseen(PlannedAction.RUN, self._why(step.name, decision), key=decision.key)

    def _assumed(self, step: StepDefinition, verdict: Verdict) -> Foreseen:
        """Return what becomes of a step if those before it yield what they did before."""
        decision, condition = verdict.decision, self._condition(step)
        if verdict.action == REFUSE and verdict.error is not None:
            return self._unknown(step, f"cannot run if {condition}: {verdict.error.message}")
        if verdict.action == WAIT or decision is None:
            run_id, _ = self._onlooker.would_wait[step.id]
            return self._unknown(step, f"waits for run {run_id}, which runs the same step, if {condition}")
        if verdict.action != HIT:
            return self._unknown(step, f"runs even if {condition}: {self._why(step.name, decision)}")
        self._take_over(verdict)
        return Foreseen(
            PlannedAction.DEPENDS_ON,
            f"reused if {condition}",
            decision.reused_from,
            waits_for=self._open(step),
            may_be_reused=True,
        )

    def _unknown(self, step: StepDefinition, reason: str) -> Foreseen:
        waits_for = self._open(step)
        if any(port.step in waits_for for port in step.inputs):
            reason += "; other bytes may still meet an earlier result"
        return Foreseen(PlannedAction.DEPENDS_ON, reason, waits_for=waits_for)

    def _take_over(self, verdict: Verdict) -> None:
        if verdict.entry is not None:
            self._context.sealed[verdict.step] = {output.name: output for output in verdict.entry.outputs}
            self._context.rows[verdict.step].reused_from = verdict.entry.step_run_id

    # -- what is assumed ------------------------------------------------------------------------

    def _gap(self, step: StepDefinition) -> str | None:
        """Return why not even an assumption says what becomes of the step; None if one does."""
        sealed, rows = self._context.sealed, self._context.rows
        new = [port.step for port in step.inputs if port.step and port.output not in sealed.get(port.step, {})]
        if new:
            return f"no earlier result of {self._names(new)} is known"
        after = [name for name in step.run_after if rows[name].reused_from is None]
        return f"runs if {self._names(after)} {'is' if len(after) == 1 else 'are'} not reused" if after else None

    def _assume(self, steps: Sequence[StepDefinition]) -> None:
        """Take what steps made when they last ran for what they will make."""
        read = [step.id for step in steps if self._plan.successors[step.id]]
        if not read:
            return
        if self._outputs_before is None:
            # Of all that may still be asked for: one question to the store instead of one for each level.
            asked = (name for name in self._plan.order if name not in self._context.sealed)
            self._outputs_before = self._before(name for name in asked if self._plan.successors[name])
        for name in read:
            if name in self._outputs_before:
                self._context.sealed[name] = {item.name: assumed(item) for item in self._outputs_before[name]}

    # -- words ----------------------------------------------------------------------------------

    def _condition(self, step: StepDefinition) -> str:
        waits_for = self._open(step)
        read = {port.step for port in step.inputs}
        yielding = [name for name in waits_for if name in read]
        after = [name for name in waits_for if name not in read]
        parts = []
        if yielding:
            parts.append(f"{self._names(yielding)} {'yields' if len(yielding) == 1 else 'yield'} the same bytes")
        if after:
            parts.append(f"{self._names(after)} {'is' if len(after) == 1 else 'are'} reused")
        return " and ".join(parts)

    def _names(self, steps: Sequence[str]) -> str:
        steps = list(dict.fromkeys(steps))
        named = [repr(self._context.steps[name].name) for name in steps[:3]]
        if len(steps) > 3:
            named.append(f"{len(steps) - 3} more")
        return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _levels(plan: ExecutionPlan) -> list[list[str]]:
    """Return the steps by the length of the longest way to them, in their order."""
    depth: dict[str, int] = {}
    levels: list[list[str]] = []
    for step in plan.order:
        depth[step] = 1 + max((depth[name] for name in plan.predecessors[step]), default=-1)
        if depth[step] == len(levels):
            levels.append([])
        levels[depth[step]].append(step)
    return levels
