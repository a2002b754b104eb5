"""What a step runs in, found out once for each environment that a run asks for."""

from __future__ import annotations

from azud.core.digests import digest_value
from azud.engine.context import RunContext
from azud.engine.ports import Environments, ResolvedEnvironment
from azud.model.codec import to_json
from azud.model.definition import EnvironmentSpec, StepDefinition
from azud.planning.environment import differences


def resolve_environment(
    environments: Environments,
    context: RunContext,
    step: StepDefinition,
    current: list[tuple[EnvironmentSpec, ResolvedEnvironment]],
) -> ResolvedEnvironment | None:
    """Give the context a step's environment, and a warning where that is not what was asked for.

    Args:
        environments: Resolves interpreters.
        context: The run.
        step: Of the run.
        current: What was looked at for other steps a moment ago; receives what is looked at now.

    Returns:
        The environment if it is new to this run, or has changed since the run looked at it before, else None.

    Raises:
        EnvironmentBuildError: The interpreter cannot be run.
    """
    spec = step.settings.environment
    known = next((found for asked, found in current if asked == spec), None)
    if known is not None:
        context.environments[step.id] = known
        return None
    identity = digest_value(to_json(spec))
    known = context.resolved.get(identity)
    if known is not None and environments.is_current(known):
        context.environments[step.id] = known
        current.append((spec, known))
        return None
    resolved = environments.resolve(spec, context.stored.options.interpreter)
    context.resolved[identity] = context.environments[step.id] = resolved
    current.append((spec, resolved))
    gaps = differences(spec.definition, resolved.distributions)
    if gaps:
        asked = f"environment {spec.name!r}" if spec.name else "the environment of its steps"
        warning = f"{asked} differs from {resolved.interpreter}, in which its steps run: " + "; ".join(gaps)
        if warning not in context.warnings:
            context.warnings.append(warning)
    return resolved
