from __future__ import annotations

import pytest

from azud.core.errors import DefinitionError, NotFoundError
from azud.model.definition import ParameterDefinition, PipelineDefinition
from azud.planning.binding import effective_parameters

DEFINITION = PipelineDefinition(
    (),
    (
        ParameterDefinition("rate", "float", 0.1),
        ParameterDefinition("rounds", "int", 3),
        ParameterDefinition("name", "string", "x"),
        ParameterDefinition("fast", "bool", False),
        ParameterDefinition("place", "datapath", {"datastore": "d", "path": "p"}),
    ),
)


def test_defaults_hold_where_nothing_was_submitted():
    assert effective_parameters(DEFINITION, {"rounds": 5}) == {
        "rate": 0.1,
        "rounds": 5,
        "name": "x",
        "fast": False,
        "place": {"datastore": "d", "path": "p"},
    }


@pytest.mark.parametrize("name, value", [("rate", 1), ("fast", 1), ("rounds", True), ("name", "")])
def test_values_that_v1_accepts_are_accepted(name, value):
    assert effective_parameters(DEFINITION, {name: value})[name] == value


@pytest.mark.parametrize("name, value", [("rate", "1"), ("rounds", 1.5), ("rounds", "1"), ("name", 1), ("place", "p")])
def test_a_wrong_type_is_refused_by_name(name, value):
    with pytest.raises(DefinitionError, match=f"{name}.*type"):
        effective_parameters(DEFINITION, {name: value})


def test_an_unknown_name_is_refused_in_v1s_words():
    with pytest.raises(NotFoundError, match="Pipeline parameter with name X does not exist"):
        effective_parameters(DEFINITION, {"X": 1})
