"""Values that are read from JSON, and those of them that are shared."""

from __future__ import annotations

import pytest

from azud.core.errors import DefinitionError
from azud.model.codec import from_json, to_compact_json, to_json
from azud.model.definition import Argument, StepDefinition


def _step(*arguments):
    return {"id": "n1", "name": "a", "type": "PythonScriptStep", "script": "a.py", "arguments": list(arguments)}


def test_equal_arguments_are_one_object_and_others_are_not():
    same, other = {"kind": "literal", "value": "--n"}, {"kind": "literal", "value": "--m"}
    step = from_json(StepDefinition, _step(same, other, {"value": "--n", "kind": "literal"}, {**same, "new": 1}))
    first, second, *rest = step.arguments
    assert (first, second) == (Argument("literal", "--n"), Argument("literal", "--m"))
    assert all(item is first for item in rest)
    assert from_json(StepDefinition, to_json(step)) == from_json(StepDefinition, to_compact_json(step)) == step


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"kind": "literal", "value": 1}, r"\.arguments\[1\]\.value: expected str, found int"),
        ({"kind": "literal", "value": ["--n"]}, r"\.arguments\[1\]\.value: expected str, found list"),
        ({"kind": "literal"}, r"\.arguments\[1\]\.value is missing"),
        ("--n", r"\.arguments\[1\]: expected an object, found str"),
    ],
)
def test_what_is_no_argument_is_refused_after_one_that_is(argument, message):
    with pytest.raises(DefinitionError, match=message):
        from_json(StepDefinition, _step({"kind": "literal", "value": "1"}, argument))


def test_far_more_values_than_are_kept_are_read_as_they_are():
    words = [f"word {number}" for number in range(10_000)]
    step = from_json(StepDefinition, _step(*({"kind": "literal", "value": word} for word in words)))
    assert [argument.value for argument in step.arguments] == words
