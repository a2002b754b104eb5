"""After a step: is its result's key still that of what it was made from?

A step is decided, waits for a slot, is staged, runs. Whatever its key names may change on the way: a file of an input,
a package, a source file of an editable install. Only a result whose key is the same at the end as at the decision is
stored; a change that was taken back in between is what the runner notices (`Manifest.changed_inputs`).
"""

from __future__ import annotations

import dataclasses

from azud.core.errors import AzudError
from azud.engine.context import RunContext
from azud.engine.ports import AttemptEnd, DataPort, Environments, ResolvedEnvironment
from azud.engine.reuse import Looks, ReuseDecider
from azud.model.definition import StepDefinition
from azud.planning.key import action_key


@dataclasses.dataclass
class Present:
    """What is there at one moment: attempts whose ends are handled together look at what they share once.

    Args:
        data: Fingerprints inputs.
        environments: Resolves environments.
    """

    data: DataPort
    environments: Environments

    def __post_init__(self) -> None:
        """Begin without having looked at anything."""
        self.looks = Looks(self.data)
        self._current: dict[tuple[str, str], ResolvedEnvironment] = {}

    def environment(self, context: RunContext, step: StepDefinition) -> ResolvedEnvironment:
        """Return what a step of this run would run in now.

        Raises:
            AzudError: The interpreter cannot be looked at.
        """
        interpreter = context.stored.options.interpreter
        known = context.environments.get(step.id)
        place = interpreter, known.digest if known is not None else ""
        found = self._current.get(place)
        if found is None:
            if known is not None and self.environments.is_current(known):
                found = known
            else:
                found = self.environments.resolve(step.settings.environment, interpreter)
            self._current[place] = found
        return found


def doubt(
    decider: ReuseDecider, context: RunContext, step: StepDefinition, end: AttemptEnd, now: Present
) -> str | None:
    """Return why a completed step's result may not be stored for reuse, in words, or None.

    Args:
        decider: Made the step's key.
        context: The run.
        step: The step.
        end: What its attempt made and read.
        now: What is there now.
    """
    if end.manifest.changed_inputs:
        return f"input {', '.join(end.manifest.changed_inputs)} changed while the step ran"
    decided = {item.name: item.digest for item in context.staged.get(step.id, ())}
    try:
        staged, gap = decider.stage(context, step, now.looks)
        environment = now.environment(context, step)
    except AzudError as error:
        return error.message
    if gap is not None:
        return gap
    changed = [item.name for item in staged if decided.get(item.name, item.digest) != item.digest]
    if changed:
        return f"input {', '.join(changed)} changed after the step was decided"
    if action_key(decider.preimage(context, step, staged, environment)) != context.rows[step.id].key:
        return "an input or its environment changed after the step was decided"
    return decider.observer.changed(end.reads)
