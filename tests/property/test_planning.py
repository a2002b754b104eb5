"""Plans are topological; circles are found and named."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azud.core.errors import DefinitionError
from azud.model.definition import PipelineDefinition, StepDefinition
from azud.planning.graph import build_plan, find_cycle

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


def _definition(edges):
    needed = {index: tuple(sorted({f"s{a}" for a, b in edges if b == index})) for index in range(10)}
    return PipelineDefinition(
        tuple(StepDefinition(f"s{i}", f"step {i}", "PythonScriptStep", "a.py", run_after=needed[i]) for i in range(10))
    )


@given(EDGES)
def test_a_plan_orders_every_step_after_what_it_needs_or_names_a_circle(edges):
    definition = _definition(edges)
    needed = {step.id: step.run_after for step in definition.steps}
    circle = find_cycle(needed)
    if circle:
        assert circle[0] == circle[-1]
        for later, earlier in itertools.pairwise(circle):
            assert earlier in needed[later]
        with pytest.raises(DefinitionError, match="circle"):
            build_plan(definition)
        return
    plan = build_plan(definition)
    place = {step: index for index, step in enumerate(plan.order)}
    assert sorted(place) == sorted(needed)
    for step, predecessors in needed.items():
        assert all(place[other] < place[step] for other in predecessors)
        assert all(step in plan.successors[other] for other in predecessors)
