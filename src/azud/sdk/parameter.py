"""`PipelineParameter`: a value of a pipeline that each submission may choose."""

from __future__ import annotations

from typing import Any

from azud.sdk.exceptions import DefinitionValueError, UserErrorException


class PipelineParameter:
    """A named value with a default: a text, number, truth value, `DataPath` or dataset.

    `str()` is not the value, which is known only when a run is submitted.
    """

    def __init__(self, name: str, default_value: Any) -> None:
        """Name a parameter; its type is the default's.

        Raises:
            ValueError: The default is None, a list, a dict or anything else that v1 refuses.
        """
        self.name = name
        self.default_value = default_value
        self._type = parameter_type(name, default_value)

    def __str__(self) -> str:
        return f"PipelineParameter_Name:{self.name}_Default:{self.default_value}"

    __repr__ = __str__


def parameter_type(name: str, value: Any) -> str:
    """Return the word of `azud.model.definition.ParameterDefinition` for a value's type.

    Raises:
        ValueError: No parameter can have such a value.
    """
    if isinstance(value, bool):
        return "bool"
    for kind, word in ((int, "int"), (float, "float"), (str, "string")):
        if isinstance(value, kind):
            return word
    # By name: importing the data classes costs programs that use none of them.
    names = {cls.__name__ for cls in type(value).__mro__}
    if "DataPath" in names:
        return "datapath"
    if names & {"AbstractDataset", "Dataset", "DatasetConsumptionConfig", "PipelineDataset"}:
        return "dataset"
    raise DefinitionValueError(
        f"PipelineParameter {name!r} has a default of type {type(value).__name__}",
        hint="a default is an int, str, bool, float, DataPath or dataset, and must be given",
    )


def parameter_value(name: str, value: Any) -> Any:
    """Return the JSON form in which a parameter's value crosses the API."""
    kind = parameter_type(name, value)
    if kind == "datapath":
        return value._to_json()
    if kind == "dataset":
        return _dataset_value(name, getattr(value, "dataset", value))
    return value


def _dataset_value(name: str, dataset: Any) -> Any:
    """Return a dataset's definition; with its name and version if it is registered; or what is to be looked up."""
    if isinstance(dataset, tuple):
        from azud.sdk.input_forms import registered_reference

        registered, version = registered_reference(dataset, f"PipelineParameter {name!r}")
        return {"registered": registered, "version": version}
    dataset = getattr(dataset, "definition", dataset)  # a deprecated `Dataset` is a wrapped one
    definition = getattr(dataset, "_definition", None)
    if not isinstance(definition, dict):
        raise UserErrorException(
            f"PipelineParameter {name!r}: {dataset!r} is no dataset that can be submitted",
            hint="use a FileDataset, a TabularDataset, or (workspace, name) in a DatasetConsumptionConfig",
        )
    if not dataset.name:
        return definition
    return {"definition": definition, "name": dataset.name, "version": dataset.version}
