"""Keys of stored results: if one of these changes, KEY_VERSION must change, and every stored result is forgotten."""

from __future__ import annotations

import dataclasses

import pytest

from azud.model.definition import Argument, InputPort, OutputPort, RunSettings, StepDefinition
from azud.planning.key import KEY_VERSION, action_key, preimage

STEP = StepDefinition(
    id="n1",
    name="train",
    type="PythonScriptStep",
    script="train.py",
    arguments=(Argument("literal", "--in"), Argument("input", "data"), Argument("parameter", "rate")),
    inputs=(InputPort("data", "reference", "mount", datastore="d", path="p"),),
    outputs=(OutputPort("model"),),
    snapshot="a" * 64,
    compute="cluster",
    settings=RunSettings(environment_variables={"A": "1"}),
)
GIVEN = {
    "inputs": {"data": "b" * 64},
    "parameters": {"rate": 0.1, "unused": 1},
    "environment": "c" * 64,
    "predecessors": ["r2", "r1"],
    "default_datastore": "workspaceblobstore",
}


def key(step=STEP, **changes):
    return action_key(preimage(step, **{**GIVEN, **changes}))


def test_the_key_of_version_1_stays_what_it_is():
    assert KEY_VERSION == 1
    assert key() == "3b134ec476c97242e33d7e178dbcf64a6b70df6cd92fc6f8386dc8854a726cf1"


@pytest.mark.parametrize(
    "changed",
    [
        {"script": "other.py"},
        {"type": "CommandStep"},
        {"arguments": STEP.arguments[:2]},
        {"arguments": (*STEP.arguments[1:], STEP.arguments[0])},
        {"outputs": (OutputPort("model", mode="upload", path_on_compute="x"),)},
        {"outputs": (OutputPort("model", destination="fixed"),)},
        {"snapshot": "d" * 64},
        {"settings": RunSettings(environment_variables={"A": "2"})},
        {"settings": RunSettings(environment_variables={"A": "1"}, node_count=2)},
        {"timeout_s": 5.0},
        {"version": "2"},
        {"parameters": {"p": Argument("literal", "1")}},
    ],
)
def test_what_can_change_a_result_changes_the_key(changed):
    assert key(dataclasses.replace(STEP, **changed)) != key()


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": {"data": "e" * 64}},
        {"environment": "e" * 64},
        {"predecessors": ["r1", "r3"]},
        {"default_datastore": "other"},
    ],
)
def test_what_a_step_is_given_changes_the_key(changed):
    assert key(**changed) != key()


def test_parameter_values_that_look_alike_are_kept_apart():
    keys = {key(parameters={"rate": value}) for value in (0, 0.0, False, None, "", "0", 1, True, 1.0, "1")}
    assert len(keys) == 10


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "n9"},
        {"name": "renamed"},
        {"compute": "other"},
        {"source_directory": "/elsewhere"},
        {"properties": {"a": "b"}},
        {"warnings": ("w",)},
        {"allow_reuse": False},
        {"retries": 3},
        {"retry_delay_s": 60.0},
    ],
)
def test_what_cannot_change_a_result_does_not_change_the_key(changed):
    assert key(dataclasses.replace(STEP, **changed)) == key()


def test_the_order_of_predecessors_and_parameters_of_other_steps_do_not_count():
    assert key(predecessors=["r1", "r2"]) == key()
    assert key(parameters={"rate": 0.1, "unused": 2, "another": 3}) == key()
