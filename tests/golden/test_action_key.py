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


SHAPES = {
    "whole": (STEP, {}),
    "bare": (
        StepDefinition(id="n1", name="a", type="PythonScriptStep", script="a.py"),
        {"inputs": {}, "parameters": {}, "predecessors": []},
    ),
    "ports": (
        dataclasses.replace(
            STEP,
            inputs=(
                InputPort("data", "dataset", "download", dataset_name="d", path_on_compute="here"),
                InputPort("made", "reference", "mount", step="n0", output="made"),
                InputPort("given", "dataset", "direct", parameter="which"),
            ),
            outputs=(
                OutputPort("model", mode="upload", path_on_compute="x", overwrite=True, data_type="T"),
                OutputPort(
                    "kept",
                    kind="dataset",
                    datastore="other",
                    destination="fixed/{output-name}",
                    register_as={"name": "n", "description": "", "tags": {"a": "b"}},
                    reader={"format": "delimited", "separator": ","},
                ),
            ),
        ),
        {
            "inputs": {"data": "b" * 64, "made": "directory:" + "d" * 64, "given": "e" * 64},
            "parameters": {"rate": 0.1, "which": {"datastore": "d", "path": "p"}},
        },
    ),
    "settings": (
        dataclasses.replace(
            STEP,
            parameters={"P": Argument("literal", "é"), "Q": Argument("parameter", "rate")},
            settings=RunSettings("PyTorch", "OpenMpi", 2, 4, environment_variables={"B": "", "A": "1"}),
            version="v",
            timeout_s=1.5,
        ),
        {"parameters": {"rate": True}},
    ),
    "in text": (
        dataclasses.replace(STEP, arguments=(Argument("literal", "a$AML_PARAMETER_the_rate_b"),)),
        {"parameters": {"the rate": "", "other": 1}},
    ),
}
GOLDEN = {
    1: {
        "whole": "3b134ec476c97242e33d7e178dbcf64a6b70df6cd92fc6f8386dc8854a726cf1",
        "bare": "db03fac49a106ed2775a3cfcf43a2d12b3e6227d884a294cfb6c8d690127ad41",
        "ports": "e95a839f31608674fe73281156cba7688ce42b52bcafe9ff3248b7279f56835f",
        "settings": "0c21aa278982669dd85b554731c4400c973d14a8cb5ea611f40c4d2d89e4efd4",
        "in text": "4a7ff2abe5e454b0d5c9f0b62b0e2cadfd0e97485aede96d01206aed10647670",
    }
}
"""The key of each shape, by version of keys: stored results are found by these."""


def test_every_version_of_keys_has_its_golden_digests():
    assert sorted(GOLDEN) == list(range(1, KEY_VERSION + 1))
    assert set(GOLDEN[KEY_VERSION]) == set(SHAPES)


@pytest.mark.parametrize("shape", list(SHAPES))
def test_the_keys_of_this_version_stay_what_they_are(shape):
    step, given = SHAPES[shape]
    assert key(step, **given) == GOLDEN[KEY_VERSION][shape]


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
        {"script": "", "command": "python train.py"},
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
