"""The execution graph of a pipeline: who needs whom, and in which order."""

from __future__ import annotations

import collections
import dataclasses
from typing import Deque, Dict, List, Tuple

from azud.core.errors import DefinitionError
from azud.model.definition import PipelineDefinition


@dataclasses.dataclass(frozen=True)
class ExecutionPlan:
    """A pipeline's steps in an order in which every step comes after all that it needs.

    Args:
        order: Step ids, topological; among free choices, the order of the definition.
        predecessors: For each step id, the ids it waits for (by data or by `run_after`), without doubles.
        successors: The reverse.
    """

    order: Tuple[str, ...]
    predecessors: Dict[str, Tuple[str, ...]]
    successors: Dict[str, Tuple[str, ...]]


def build_plan(definition: PipelineDefinition) -> ExecutionPlan:
    """Return the plan of a definition whose references have been validated.

    Raises:
        DefinitionError: The steps wait for each other in a circle; the message names them in order.
    """
    predecessors = {
        step.id: tuple(
            dict.fromkeys([port.step for port in step.inputs if port.step is not None] + list(step.run_after))
        )
        for step in definition.steps
    }
    successors: Dict[str, List[str]] = {step.id: [] for step in definition.steps}
    for step_id, needed in predecessors.items():
        for other in needed:
            successors[other].append(step_id)
    order = _topological(predecessors, successors)
    if len(order) < len(predecessors):
        names = {step.id: step.name for step in definition.steps}
        circle = " → ".join(names[step_id] for step_id in find_cycle(predecessors))
        raise DefinitionError(
            f"the steps wait for each other in a circle: {circle}",
            hint="remove one of these inputs or run_after() calls",
        )
    return ExecutionPlan(tuple(order), predecessors, {key: tuple(value) for key, value in successors.items()})


def _topological(predecessors: Dict[str, Tuple[str, ...]], successors: Dict[str, List[str]]) -> List[str]:
    missing = {step_id: len(needed) for step_id, needed in predecessors.items()}
    ready: Deque[str] = collections.deque(step_id for step_id, count in missing.items() if count == 0)
    order: List[str] = []
    while ready:
        step_id = ready.popleft()
        order.append(step_id)
        for successor in successors[step_id]:
            missing[successor] -= 1
            if missing[successor] == 0:
                ready.append(successor)
    return order


def find_cycle(predecessors: Dict[str, Tuple[str, ...]]) -> List[str]:
    """Return the ids of one circle, its first id repeated at the end; [] if there is none."""
    done: Dict[str, bool] = {}
    for start in predecessors:
        trail: List[str] = []
        stack: List[Tuple[str, int]] = [(start, 0)]
        while stack:
            step_id, position = stack.pop()
            if position == 0:
                if done.get(step_id):
                    continue
                if step_id in trail:
                    return trail[trail.index(step_id) :] + [step_id]
                trail.append(step_id)
            needed = predecessors[step_id]
            if position < len(needed):
                stack.append((step_id, position + 1))
                stack.append((needed[position], 0))
            else:
                done[step_id] = True
                trail.pop()
    return []
