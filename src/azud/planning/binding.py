"""Pipeline parameters: the values that a run really uses."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Mapping, Tuple

from azud.core.errors import DefinitionError, NotFoundError
from azud.model.definition import Argument, ParameterDefinition, PipelineDefinition, StepDefinition

_IN_TEXT = re.compile(r"\$AML_PARAMETER_(\w+)")
_SCALARS = {"string": str, "int": int, "float": float, "bool": bool}


def effective_parameters(definition: PipelineDefinition, submitted: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the value of every parameter: what was submitted, else the default.

    Args:
        definition: Declares the parameters.
        submitted: Values by name. An int is accepted where v1 takes a bool and the other way round, as v1
            does; an int is also accepted for a float.

    Raises:
        NotFoundError: A submitted name is not a parameter of this pipeline.
        DefinitionError: A value has the wrong type.
    """
    declared = {parameter.name: parameter for parameter in definition.parameters}
    for name in submitted:
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise NotFoundError(
                f"Pipeline parameter with name {name} does not exist",
                hint=f"this pipeline's parameters: {known}",
            )
    return {
        name: _checked(parameter, submitted[name]) if name in submitted else parameter.default
        for name, parameter in declared.items()
    }


def _checked(parameter: ParameterDefinition, value: Any) -> Any:
    wanted = _SCALARS.get(parameter.type)
    if wanted is None:
        if not isinstance(value, dict) or ("datastore" in value) != (parameter.type == "datapath"):
            raise _wrong_type(parameter, value)
        return value
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted in (int, bool) and isinstance(value, (int, bool)):
        return value
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise _wrong_type(parameter, value)
    return value


def _wrong_type(parameter: ParameterDefinition, value: Any) -> DefinitionError:
    return DefinitionError(
        f"pipeline parameter {parameter.name!r} is of type {parameter.type}, got {type(value).__name__} {value!r}",
        hint=f"its default is {parameter.default!r}; submit a value of the same type",
    )


def parameter_text(value: Any) -> str:
    """Return how a parameter's value appears on a command line: Python's `str`, as v1 does."""
    return str(value)


def parameter_word(name: str) -> str:
    """Return how a parameter's name appears after `AML_PARAMETER_`."""
    return re.sub(r"\W", "_", name)


def used_parameters(step: StepDefinition, known: Iterable[str]) -> Tuple[str, ...]:
    """Return the names of the pipeline parameters that this step reads, sorted.

    Args:
        step: The step.
        known: All parameters of the pipeline: any of them may be named inside a literal argument, as
            `$AML_PARAMETER_<name>` with more text behind it.
    """
    arguments: Tuple[Argument, ...] = (*step.arguments, *step.parameters.values())
    names = {argument.value for argument in arguments if argument.kind == "parameter"}
    names.update(port.parameter for port in step.inputs if port.parameter is not None)
    words = [word for item in step.arguments if item.kind == "literal" for word in _IN_TEXT.findall(item.value)]
    if words:
        names.update(name for name in known if any(word.startswith(parameter_word(name)) for word in words))
    return tuple(sorted(names))
