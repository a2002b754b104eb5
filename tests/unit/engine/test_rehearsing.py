"""The rehearsal of a run on the slots: known cases, and bounds that hold for any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.doubles import step

from azud.engine.ports import Capacity
from azud.engine.rehearsing import rehearse
from azud.engine.scheduling import NodeLimits, SlotRequest
from azud.model.definition import PipelineDefinition
from azud.planning.graph import build_plan


def wall_s(after, seconds, *, cores=2, memory=1000, limits=None, **asks):
    """Return the wall time of steps `name: [predecessors]`, with what single steps ask for in `asks`."""
    plan = build_plan(PipelineDefinition(tuple(step(name, *needed) for name, needed in after.items())))
    requests = {
        name: SlotRequest(**{"attempt": name, "run_id": "r", "target": "local", **asks.get(name, {})}) for name in after
    }
    return rehearse(plan, seconds, requests, limits or {}, Capacity(cores, memory))


def test_independent_steps_share_the_cores():
    seconds = dict.fromkeys("abcde", 2.0)
    after = {name: [] for name in seconds}
    assert wall_s(after, seconds, cores=1) == 10.0
    assert wall_s(after, seconds, cores=2) == 6.0
    assert wall_s(after, seconds, cores=8) == 2.0


def test_a_chain_is_the_sum_and_a_diamond_its_longest_way():
    assert wall_s({"a": [], "b": ["a"], "c": ["b"]}, {"a": 1.0, "b": 2.0, "c": 3.0}) == 6.0
    diamond = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}
    assert wall_s(diamond, {"a": 1.0, "b": 2.0, "c": 5.0, "d": 1.0}) == 7.0


def test_steps_that_are_reused_take_no_time_and_no_slot_and_let_others_go():
    assert wall_s({"a": [], "b": ["a"], "c": ["b"]}, {"c": 3.0}) == 3.0
    assert wall_s({"a": [], "b": ["a"]}, {}) == 0.0


def test_node_limits_hold_steps_back():
    after = {name: [] for name in "abcd"}
    seconds = dict.fromkeys(after, 1.0)
    limits = {"small": NodeLimits(max_nodes=2)}
    one = {name: {"target": "small"} for name in after}
    two = {name: {"target": "small", "nodes": 2} for name in after}
    assert wall_s(after, seconds, cores=8, limits=limits, **one) == 2.0
    assert wall_s(after, seconds, cores=8, limits=limits, **two) == 4.0


def test_steps_wait_for_the_memory_that_they_used_before():
    after = {"a": [], "b": [], "c": []}
    seconds = dict.fromkeys(after, 1.0)
    large = {name: {"memory_bytes": 600} for name in after}
    # As on the machine, memory counts once somebody uses it: those that start at one moment do not see each other.
    assert wall_s(after, {**seconds, "a": 2.0}, cores=2, **large) == 3.0
    assert wall_s(after, {**seconds, "a": 2.0}, cores=2) == 2.0


@st.composite
def cases(draw):
    count = draw(st.integers(1, 9))
    after = {f"s{i}": [f"s{j}" for j in range(i) if draw(st.booleans()) and draw(st.booleans())] for i in range(count)}
    seconds = {name: draw(st.floats(0.01, 100)) for name in after if draw(st.integers(0, 3))}
    return after, seconds, draw(st.integers(1, 5))


@given(cases())
def test_no_schedule_beats_the_longest_way_or_the_cores_and_greed_is_within_their_sum(case):
    after, seconds, cores = case
    longest: dict[str, float] = {}
    for name, needed in after.items():
        longest[name] = seconds.get(name, 0.0) + max((longest[other] for other in needed), default=0.0)
    way, work = max(longest.values()), sum(seconds.values())
    took = wall_s(after, seconds, cores=cores)
    assert took >= max(way, work / cores) - 1e-6
    assert took <= work / cores + way + 1e-6  # Graham's bound of list scheduling
    if cores == 1:
        assert took == pytest.approx(work)
