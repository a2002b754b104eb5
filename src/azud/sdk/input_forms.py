"""What can be an input of a step, and the `InputSpec` that each form means."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

from azud.sdk.datapath import DataPath, DataPathComputeBinding, DataReference
from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.input_binding import InputPortBinding
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline_data import OutputPortBinding, PipelineData


class InputSpec:
    """One input of a step. `source` is the data's object; `fixed` the contract's fields where it is known now."""

    __slots__ = ("name", "kind", "mode", "path_on_compute", "source", "fixed")

    def __init__(
        self,
        name: str,
        kind: str,
        mode: str,
        path_on_compute: Optional[str],
        source: Any,
        fixed: Optional[Dict[str, Any]] = None,
    ) -> None:
        """Keep the fields."""
        self.name, self.kind, self.mode = name, kind, mode
        self.path_on_compute, self.source, self.fixed = path_on_compute, source, fixed


def identity_of(data: Any) -> Any:
    """Return the object that is the same for all copies of one output."""
    return getattr(data, "_identity", data)


def input_of(item: Any, where: str = "") -> InputSpec:
    """Return the input that an object means in a step's `inputs` or `arguments`; `where` is for messages.

    Raises:
        ValueError: It cannot be an input.
    """
    for applies, make in _INPUT_FORMS:
        if applies(item):
            return make(item, where)
    if isinstance(item, str):
        raise DefinitionValueError(f"{where}: Unexpected input type: the text {item!r}")
    raise DefinitionValueError(
        f"{where}: {type(item).__name__} {str(item)!r} cannot be an input",
        hint="use PipelineData, DataReference, a named dataset or an OutputFileDatasetConfig",
    )


def _bound(item: InputPortBinding, where: str) -> InputSpec:
    source = item.bind_object
    mode = item.bind_mode or "mount"
    if is_pipeline_dataset(source):
        return InputSpec(item.name, "dataset", mode, item.path_on_compute, source)
    if isinstance(source, PipelineData):
        return InputSpec(item.name, "reference", mode, item.path_on_compute, source)
    if isinstance(source, OutputPortBinding):
        return InputSpec(item.name, "reference", mode, item.path_on_compute, source._data)
    if isinstance(source, DataReference) or type(source).__name__ == "PortDataReference":
        return _reference(item.name, source, mode, item.path_on_compute)
    raise DefinitionValueError(f"{where}: input {item.name!r} binds a {type(source).__name__}")


def _reference(name: str, source: Any, mode: str, path_on_compute: Optional[str]) -> InputSpec:
    if mode == "upload":
        raise DefinitionValueError(
            f"DataReference {name!r} in mode upload is an output, and azud does not have that yet",
            hint="use PipelineData or OutputFileDatasetConfig(destination=…)",
        )
    datastore = getattr(source, "datastore_name", None) or source.datastore.name
    path = (source.path_on_datastore or "").strip("/")
    fixed = {"datastore": datastore, "path": "" if path == "." else path}
    return InputSpec(name, "reference", mode, path_on_compute, source, fixed)


def _consumed(item: Any, where: str = "") -> InputSpec:
    mode = item.mode
    if mode == "hdfs":
        raise DefinitionValueError(f"dataset input {item.name!r}: azud does not have mode hdfs yet")
    source = item.dataset
    if is_output_dataset(source):
        return InputSpec(item.name, "dataset", mode, item.path_on_compute, source)
    fixed: Dict[str, Any] = {}
    if isinstance(source, PipelineParameter):
        fixed["parameter"] = source.name
    elif isinstance(source, tuple):
        fixed["registered"], fixed["registered_version"] = registered_reference(source, f"dataset input {item.name!r}")
    else:
        source = getattr(source, "definition", source)  # a deprecated `Dataset` is a wrapped one
        fixed["dataset"] = source._definition
        if source.name:
            fixed["dataset_name"], fixed["dataset_version"] = source.name, source.version
    return InputSpec(item.name, "dataset", mode, item.path_on_compute, source, fixed)


def registered_reference(source: Tuple[Any, ...], where: str) -> Tuple[str, Optional[int]]:
    """Return the name and version that `(workspace, name[, version])` asks for; None is the newest version.

    Raises:
        ValueError: It has another form.
    """
    version = source[2] if len(source) == 3 else "latest"
    text = str(version)
    if len(source) not in (2, 3) or not isinstance(source[1], str) or not source[1]:
        raise DefinitionValueError(
            f"{where}: {source!r} names no registered dataset", hint="use (workspace, 'name') or (workspace, 'name', 3)"
        )
    if text == "latest":
        return source[1], None
    if isinstance(version, bool) or not text.isdecimal() or int(text) < 1:
        raise DefinitionValueError(
            f"{where}: {version!r} is no version of a dataset", hint="use a number from 1, or 'latest'"
        )
    return source[1], int(text)


def _data(item: PipelineData, where: str) -> InputSpec:
    return InputSpec(item.name, "reference", "mount", None, item)


def _pipeline_dataset(item: Any, where: str) -> InputSpec:
    named = item.dataset.as_named_input(item.name)
    named.mode, named.path_on_compute = item.bind_mode, item.path_on_compute
    return _consumed(named, where)


def _dataset_of_data(item: Any, where: str) -> InputSpec:
    return InputSpec(item.input_name, "dataset", item._mode, item._path_on_compute, item)


def _data_reference(item: DataReference, where: str) -> InputSpec:
    if type(item).__name__ == "SqlDataReference":
        raise DefinitionValueError(
            f"{where}: a SqlDataReference is the source or destination of a DataTransferStep only",
            hint="read a query in a script with Dataset.Tabular.from_sql_query(…).as_named_input(name)",
        )
    return _reference(item.data_reference_name, item, item.mode, item.path_on_compute)


def _port_reference(item: Any, where: str) -> InputSpec:
    return _reference(item.name, item, "mount", None)


def _made_elsewhere(item: Any, where: str) -> InputSpec:
    return _consumed(item.as_input())


def _parameter_path(item: Any, where: str) -> InputSpec:
    parameter, binding = item
    fixed = {"parameter": parameter.name}
    name = _datapath_port_name(parameter)
    return InputSpec(name, "reference", binding._mode, binding._path_on_compute, parameter, fixed)


def _bound_path(item: Any, where: str) -> InputSpec:
    path, binding = item
    return _reference(path._port_name(), path, binding._mode, binding._path_on_compute)


def _datapath_port_name(parameter: PipelineParameter) -> str:
    path: DataPath = parameter.default_value
    # v1 takes a random name; one made of the parameter keeps the step's results reusable.
    return path._name or f"{path.datastore_name}_{parameter.name}"


def _is_parameter_tuple(item: Any) -> bool:
    return (
        isinstance(item, tuple)
        and len(item) == 2
        and isinstance(item[0], PipelineParameter)
        and isinstance(item[1], DataPathComputeBinding)
    )


def is_input_object(item: Any) -> bool:
    """Return whether this can be nothing but an input, wherever it stands."""
    return (
        isinstance(item, (InputPortBinding, DataReference))
        or type(item).__name__ in ("DatasetConsumptionConfig", "PipelineDataset", "PortDataReference")
        or _is_parameter_tuple(item)
    )


# These classes are told by name, so that steps without datasets do not import the data classes.
def is_dataset(item: Any) -> bool:
    """Return whether this is a dataset without a name as an input."""
    return any(cls.__name__ == "AbstractDataset" for cls in type(item).__mro__)


def is_output_dataset(item: Any) -> bool:
    """Return whether this is an output config, e.g. an `OutputFileDatasetConfig`."""
    return any(cls.__name__ == "OutputDatasetConfig" for cls in type(item).__mro__)


def is_pipeline_dataset(item: Any) -> bool:
    """Return whether this is what `PipelineData.as_dataset()` gives, or a table of it."""
    return any(cls.__name__ == "PipelineOutputAbstractDataset" for cls in type(item).__mro__)


def _is_bound_path(item: Any) -> bool:
    return (
        isinstance(item, tuple)
        and len(item) == 2
        and isinstance(item[0], DataPath)
        and isinstance(item[1], DataPathComputeBinding)
    )


def _is_instance(kind: type) -> Callable[[Any], bool]:
    return lambda item: isinstance(item, kind)


def _is_named(name: str) -> Callable[[Any], bool]:
    return lambda item: type(item).__name__ == name


_INPUT_FORMS: List[Tuple[Callable[[Any], bool], Callable[[Any, str], InputSpec]]] = [
    (_is_instance(PipelineData), _data),
    (_is_instance(InputPortBinding), _bound),
    (_is_instance(DataReference), _data_reference),
    (_is_named("PortDataReference"), _port_reference),
    (_is_named("DatasetConsumptionConfig"), _consumed),
    (_is_named("PipelineDataset"), _pipeline_dataset),
    (is_output_dataset, _made_elsewhere),
    (is_pipeline_dataset, _dataset_of_data),
    (_is_parameter_tuple, _parameter_path),
    (_is_bound_path, _bound_path),
]
