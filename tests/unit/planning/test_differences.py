"""What differs between two pre-images."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from azud.model.definition import Argument, InputPort, OutputPort, RunSettings, StepDefinition
from azud.planning.differences import Difference, differences, distance, shown
from azud.planning.key import preimage

STEP = StepDefinition(
    id="n1",
    name="train",
    type="PythonScriptStep",
    script="train.py",
    arguments=(*(Argument("literal", text) for text in ("--mode", "fast", "plain")), Argument("input", "data")),
    parameters={"P": Argument("literal", "1")},
    inputs=(InputPort("data", "reference", "mount", datastore="d", path="p"),),
    outputs=(OutputPort("model"),),
    snapshot="a" * 64,
    settings=RunSettings(environment_variables={"A": "1"}),
)
IMAGE = preimage(
    STEP,
    inputs={"data": "b" * 64},
    parameters={},
    environment="c" * 64,
    predecessors=["r1"],
    default_datastore="store",
)
IMAGE["parameters"] = {"rate": ["float", 0.5]}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        return [leaf for key in value for leaf in leaves(value[key], (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for index in range(len(value)) for leaf in leaves(value[index], (*path, index))]
    return [path]


@pytest.mark.parametrize("path", leaves(IMAGE), ids=lambda path: ".".join(map(str, path)))
def test_a_change_anywhere_is_one_difference(path: tuple[Any, ...]) -> None:
    changed = copy.deepcopy(IMAGE)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = {"other": 1} if isinstance(place[path[-1]], dict) else "other"
    assert len(differences(IMAGE, changed)) == 1
    assert distance(differences(IMAGE, changed)) >= 1
    assert differences(changed, changed) == []


def _with(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    changed = copy.deepcopy(IMAGE)
    change(changed)
    return changed


def _arguments(*texts: str) -> Callable[[dict[str, Any]], object]:
    return lambda image: image["step"].update(arguments=[["literal", text] for text in texts] + [["input", "data"]])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_arguments("--mode", "slow", "plain"), [("--mode", "fast", "slow")]),
        (_arguments("--mode", "fast"), [("3", "plain", None)]),
        (_arguments("--mode", "fast", "plain", "--new"), [("4", None, "--new")]),
        (_arguments("--mode", "fast", ""), [("3", "plain", "''")]),
        (_arguments("-m", "fast", "plain"), [("1", "--mode", "-m")]),
    ],
)
def test_arguments_are_named_by_their_option_or_place(change: Any, expected: list[Any]) -> None:
    found = differences(IMAGE, _with(change))
    assert [(item.name, *shown(item)) for item in found] == expected


def test_values_are_told_apart_by_type() -> None:
    for value in (["int", 1], ["bool", True], ["str", "1"], ["NoneType", None], ["float", 1.0]):
        changed = _with(lambda image, value=value: image["parameters"].update(rate=value))
        (found,) = differences(IMAGE, changed)
        assert shown(found) == ("0.5", repr(value[1]))


def test_another_version_of_the_key_is_all_that_can_be_said() -> None:
    changed = _with(lambda image: image.update(version=2, environment="other"))
    assert differences(IMAGE, changed) == [Difference("key_version", "", 1, 2)]
    nearer = _with(lambda image: image.update(environment="x"))
    assert distance(differences(IMAGE, changed)) > distance(differences(IMAGE, nearer))


def test_an_input_that_is_gone_is_not_one_whose_content_changed() -> None:
    def without_data(image: dict[str, Any]) -> None:
        del image["inputs"]["data"], image["step"]["inputs"]["data"]

    removed, changed = _with(without_data), _with(lambda image: image["inputs"].update(data="e" * 64))
    assert [(item.component, item.name, item.now) for item in differences(IMAGE, removed)] == [("input", "data", None)]
    assert [(item.component, item.name) for item in differences(IMAGE, changed)] == [("content", "data")]


@pytest.mark.parametrize(
    "name", ["API_TOKEN", "db_password", "AZURE_STORAGE_KEY", "MY_SECRET", "SAS", "CONNECTION_STRING"]
)
def test_secrets_are_not_shown(name: str) -> None:
    before = _with(lambda image: image["settings"]["environment_variables"].update({name: "s3cret"}))
    after = _with(lambda image: image["settings"]["environment_variables"].update({name: "other"}))
    assert [shown(item) for item in differences(before, after)] == [("(hidden)", "(hidden)")]
    assert [shown(item) for item in differences(IMAGE, after)] == [(None, "(hidden)")]


def test_long_values_are_cut() -> None:
    changed = _with(lambda image: image["settings"]["environment_variables"].update(A="x" * 5000))
    (found,) = differences(IMAGE, changed)
    assert shown(found)[1] == "x" * 200 + "… (5000 characters)"
