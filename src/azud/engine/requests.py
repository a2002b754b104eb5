"""What a step asks of the slots, and what its compute target allows."""

from __future__ import annotations

from collections.abc import Mapping

from azud.engine.scheduling import NodeLimits, SlotRequest
from azud.model.compute import AML, INSTANCE, ComputeTargetRecord
from azud.model.definition import StepDefinition

LOCAL = "local"


def slot_request(
    step: StepDefinition,
    targets: Mapping[str, ComputeTargetRecord],
    *,
    attempt: str,
    run_id: str,
    memory_bytes: int,
) -> SlotRequest:
    """Return the request of an attempt.

    Args:
        step: The step.
        targets: The workspace's compute targets by name.
        attempt: The attempt's id.
        run_id: Its run's.
        memory_bytes: What the step used last time; 0 if that is not known.
    """
    name = step.compute or LOCAL
    target = targets.get(name)
    return SlotRequest(
        attempt=attempt,
        run_id=run_id,
        target=name,
        nodes=step.settings.node_count,
        memory_bytes=memory_bytes,
        wants_gpu=target is not None and target.type in (AML, INSTANCE),
    )


def node_limits(target: ComputeTargetRecord) -> NodeLimits:
    """Return the node limits that a compute target's properties say."""
    if target.type != AML:
        return NodeLimits()
    properties = target.properties
    return NodeLimits(
        min_nodes=int(properties.get("min_nodes") or 0),
        max_nodes=int(properties.get("max_nodes") or 1),
        idle_seconds=float(properties.get("idle_seconds_before_scaledown") or 1800),
    )
