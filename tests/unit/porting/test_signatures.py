"""v1's positions and defaults mean the same here, and every name that is there says what it does."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from typing import Any

from azud.porting import inspecting
from azud.porting.coverage import MISSING, distinct
from azud.porting.names import facts_of
from azud.porting.surface import CALLABLE, Parameter, surface

_MADE_BY_AZUD = "programs do not construct it: the SDK gives them objects of it"
_MUTABLE = "None stands for the same empty list, which nobody can change by accident"

DIFFERENCES = {
    "azureml.core.runconfig.DockerConfiguration": _MUTABLE,
    "azureml.core.Keyvault.set_secret": "the default is the text that KeyVaultContentType.not_provided stands for",
    "azureml.core.authentication.AccessToken": "a named tuple, which v1's facts do not look into",
    "azureml.data.DataType": _MADE_BY_AZUD,
    "azureml.data.FileDataset": _MADE_BY_AZUD,
    "azureml.data.TabularDataset": _MADE_BY_AZUD,
    "azureml.data.abstract_dataset.AbstractDataset": _MADE_BY_AZUD,
    "azureml.train.hyperdrive.HyperDriveRunConfig": "as v1's __new__; the facts hold what its base takes",
}
"""Where azud's signature is another one, with the reason."""

Call = tuple[str, Any, tuple[Parameter, ...]]


def _calls() -> Iterator[Call]:
    """Yield what is there: its name, azud's function without a bound first parameter, and v1's parameters."""
    known = surface()
    for report in distinct():
        facts = facts_of(report)
        if report.verdict.state == MISSING:
            continue
        value = inspecting.public_value(report.path)
        if facts is None:
            if report.path in known.functions:
                yield report.path, value, known.functions[report.path].parameters
            continue
        yield report.path, value, facts.parameters
        for name, member in known.members(facts).items():
            found = getattr(value, name, None)
            if member.kind in CALLABLE and report.members[name].state != MISSING and found is not None:
                bound = isinstance(inspect.getattr_static(value, name), (staticmethod, classmethod))
                yield f"{report.path}.{name}", found if bound else _Method(found), member.parameters


class _Method:
    """A function whose first parameter is its object."""

    def __init__(self, function: Any) -> None:
        parameters = list(inspect.signature(function).parameters.values())
        self.__signature__ = inspect.Signature(parameters[1:])

    def __call__(self) -> None:
        """Only its signature is asked for."""


def _difference(value: Any, wanted: tuple[Parameter, ...]) -> str:
    """Return in what a signature does not hold what v1's promises; "" if it holds all."""
    if isinstance(value, type) and issubclass(value, (dict, Enum)):
        return ""  # made as every dict, or not at all
    taken = inspect.signature(value).parameters.values()
    ours = [each for each in taken if each.kind is each.POSITIONAL_OR_KEYWORD]
    named = {each.name: each for each in taken if each.kind is each.KEYWORD_ONLY} | {each.name: each for each in ours}
    any_position = any(each.kind is each.VAR_POSITIONAL for each in taken)
    promised = [each for each in wanted if not each.name.startswith(("*", "_"))]
    for index, parameter in enumerate(promised):
        if not parameter.keyword_only and not any_position:
            here = ours[index].name if index < len(ours) else "nothing"
            if here != parameter.name:
                return f"{parameter.name} is number {index + 1}, here {here}"
        found = named.get(parameter.name)
        if found is None:
            return f"{parameter.name} is missing"
        if parameter.default is not None and parameter.default != _text(found.default):
            return f"{parameter.name} is {parameter.default} by default, here {found.default!r}"
    names = {parameter.name for parameter in wanted}
    needed = [name for name, each in named.items() if name not in names and each.default is each.empty]
    return f"{needed} must be given" if needed else ""


def _text(default: Any) -> str:
    return str(default) if isinstance(default, Enum) else repr(default)


def test_positions_and_defaults_of_v1_hold() -> None:
    differences = {name: text for name, value, wanted in _calls() if (text := _difference(value, wanted))}
    unexpected = {name: text for name, text in differences.items() if name not in DIFFERENCES}
    assert unexpected == {}, "mend the signature, or say why it differs in DIFFERENCES"
    assert sorted(DIFFERENCES) == sorted(differences), "what holds now must not stand among the differences"


def test_what_a_difference_of_signatures_is() -> None:
    def function(a: int, b: int = 1, *, c: int = 2) -> None: ...

    def said(*wanted: Parameter) -> str:
        return _difference(function, wanted)

    a, b, c = Parameter("a", None), Parameter("b", "1"), Parameter("c", "2", keyword_only=True)
    assert said(a, b, c) == said(a, b, Parameter("**kwargs", None)) == said(a) == ""
    assert said(b, a) == "b is number 1, here a"
    assert said(a, Parameter("b", "None")) == "b is None by default, here 1"
    assert said(a, b, Parameter("c", "2")) == "c is number 3, here nothing"
    assert said(a, b, Parameter("d", "2", keyword_only=True)) == "d is missing"
    assert said() == "['a'] must be given"


def test_everything_that_is_there_has_a_docstring() -> None:
    known = surface()
    silent = []
    for report in distinct():
        facts = facts_of(report)
        if report.verdict.state == MISSING:
            continue
        value = inspecting.public_value(report.path)
        if callable(value) and not (value.__doc__ or "").strip():
            silent.append(report.path)
        for name, member in known.members(facts).items() if facts else ():
            found = inspect.getattr_static(value, name, None)
            documented = isinstance(found, property) or member.kind in CALLABLE
            if found is not None and documented and not (inspect.getdoc(getattr(value, name)) or "").strip():
                silent.append(f"{report.path}.{name}")
    assert silent == []
