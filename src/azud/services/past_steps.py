"""Past steps: what they ran with, and whether it is still what it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from azud.core.errors import EnvironmentBuildError
from azud.engine.context import RunContext, open_context
from azud.engine.ports import Environments, ReuseDecision, RunStore
from azud.engine.registered import bound_port, chosen_port
from azud.engine.reuse import ReuseDecider
from azud.model.definition import InputPort, StepDefinition
from azud.model.explanation import change_lines
from azud.model.jobs import StagedInput
from azud.planning.contents import environment_changes
from azud.planning.key import KEY_VERSION
from azud.services.ports import RunCatalog
from azud.services.verification_ports import VerificationStore


@dataclasses.dataclass(frozen=True)
class PastStep:
    """A step of an earlier run, seen from now.

    Args:
        context: Its run.
        step: Its definition.
        staged: Its inputs as they lie now.
        changes: What is not as it was when the step was decided, in words; nothing if it can run as it ran.
        gap: Why it cannot be known whether anything changed, or None.
    """

    context: RunContext
    step: StepDefinition
    staged: tuple[StagedInput, ...]
    changes: tuple[str, ...]
    gap: str | None

    @property
    def maker(self) -> str:
        """The step run that really ran: itself, or the one that it was reused from."""
        row = self.context.rows[self.step.id]
        return row.reused_from or row.id


class PastSteps:
    """Looks at steps of earlier runs.

    Args:
        store: The engine's store.
        catalog: Knows why steps ran.
        history: Knows what they read undeclared, and what interpreters held.
        decider: Finds inputs.
        environments: Resolves interpreters.
    """

    def __init__(
        self,
        store: RunStore,
        catalog: RunCatalog,
        history: VerificationStore,
        decider: ReuseDecider,
        environments: Environments,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._history = history
        self._decider = decider
        self._environments = environments

    def open(self, run_id: str) -> RunContext:
        """Return a run as its engine sees it.

        Raises:
            NotFoundError: There is no such pipeline run.
            RecordUnreadable: What is stored of it cannot be read.
        """
        return open_context(self._store.load_run(run_id), self._store.datastores(), self._store.compute_targets())

    def chosen(self, context: RunContext, step: StepDefinition, port: InputPort) -> InputPort:
        """Return an input with the registered dataset that it stood for when its step was decided.

        Raises:
            NotFoundError: It was decided by nobody, and no such dataset is registered.
        """
        value = context.parameters.get(port.parameter or "")
        if port.registered is None and not (isinstance(value, dict) and "registered" in value):
            return port
        found = chosen_port(self._store, context.rows[step.id], bound_port(port, context.parameters))
        return dataclasses.replace(found, parameter=None)

    def look(self, context: RunContext, step: StepDefinition) -> PastStep:
        """Return a step with its inputs as they are now, and what is not as it was when it was decided.

        Raises:
            AzudError: An input is missing, or its sealed bytes were altered.
        """
        staged, _ = self._decider.stage(context, step)
        row = context.rows[step.id]
        decision = self._catalog.decision(row.id)
        gap = _gap(decision)
        image = (decision.preimage if decision is not None else None) or {}
        found: list[str] = []
        if image:
            found += _changed_inputs(image["inputs"], staged)
            found += self._changed_environment(context, step, str(image["environment"]))
        else:
            found += self._changed_environment(context, step, row.properties.get("azud.environment", ""))
        flaw = self._decider.observer.changed(self._history.observed(row.reused_from or row.id).reads)
        if flaw is not None:
            found.append(flaw)
        return PastStep(context, step, staged, tuple(found), gap)

    def _changed_environment(self, context: RunContext, step: StepDefinition, digest: str) -> list[str]:
        interpreter = context.stored.options.interpreter
        try:
            now = self._environments.resolve(step.settings.environment, interpreter)
        except EnvironmentBuildError as error:
            return [error.message]
        if not digest or now.digest == digest:
            return []
        before = self._history.environment_contents(digest)
        if before is None:
            return [f"what is installed in {interpreter} is not what it was"]
        return [f"{change_lines(item)[0]} (in {interpreter})" for item in environment_changes(before, now.body)]


def _gap(decision: ReuseDecision | None) -> str | None:
    if decision is None or decision.preimage is None:
        return "what it read was not fingerprinted" + (f": {decision.reason}" if decision is not None else "")
    if decision.preimage.get("version") != KEY_VERSION:
        return "it was decided by another version of azud, which counted other things"
    return None


def _changed_inputs(before: Mapping[str, Any], staged: Sequence[StagedInput]) -> list[str]:
    return [f"input {item.name!r} is not what it was" for item in staged if item.digest != before.get(item.name)]
