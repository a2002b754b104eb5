"""The ports of one step: what `inputs`, `outputs` and `arguments` say together.

A `PipelineData` that stands only in `arguments` is left open here, because whether it is an input or an output
depends on the other steps; `azud.sdk.wiring` decides it.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

from azud.sdk.datapath import DataPath, DataPathComputeBinding, DataReference
from azud.sdk.exceptions import DefinitionValueError, NotYetError
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline_data import InputPortBinding, OutputPortBinding, PipelineData


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


class OutputSpec:
    """One output of a step. `data` is the `PipelineData` or `OutputDatasetConfig` that stands for it."""

    __slots__ = ("name", "data")

    def __init__(self, name: str, data: Any) -> None:
        """Keep the fields."""
        self.name, self.data = name, data


class StepPorts:
    """The inputs, outputs and arguments of one step, normalised.

    `arguments` holds `(kind, value)`: `literal` and a text, `parameter` and a name, `input` and an `InputSpec`,
    `output` and an `OutputSpec`, or `open` and a `PipelineData` (or its `as_dataset()`).
    """

    def __init__(self, step: Any, inputs: List[Any], outputs: List[Any], arguments: List[Any]) -> None:
        """Read the three lists.

        Raises:
            ValueError: Something in them cannot be an input, output or argument, or two ports share a name.
        """
        self.step = step
        self.inputs: Dict[str, InputSpec] = {}
        self.outputs: Dict[str, OutputSpec] = {}
        self.parameters: Dict[str, PipelineParameter] = {}
        self.open: List[Any] = []
        raw = []
        for item in inputs:
            if _is_dataset(item):
                raw.append(item)
            else:
                self._add_input(input_of(item, self._where("inputs")))
        for item in outputs:
            self._add_output(item)
        self.arguments: List[Tuple[str, Any]] = [self._argument(item) for item in arguments]
        self._check_raw(raw)

    def data_of_inputs(self) -> List[Any]:
        """Return the objects that stand for other steps' outputs among the inputs."""
        return [spec.source for spec in self.inputs.values() if spec.fixed is None]

    def _where(self, place: str) -> str:
        return f"step {self.step.name!r}, {place}"

    def _add_input(self, spec: InputSpec, *, wins: bool = False) -> InputSpec:
        known = self.inputs.get(spec.name)
        if known is None:
            self.inputs[spec.name] = spec
            return spec
        if not _is_same_input(known, spec):
            raise DefinitionValueError(
                f"step {self.step.name!r} has two inputs called {spec.name!r}",
                hint="give one of them another name: as_named_input(name), as_mount(name), as_download(name)",
            )
        if wins:  # what an argument says is how the script is called
            known.mode, known.path_on_compute = spec.mode, spec.path_on_compute or known.path_on_compute
        return known

    def _add_output(self, item: Any) -> OutputSpec:
        if isinstance(item, PipelineData):
            spec = OutputSpec(item._output_name, item)
        elif isinstance(item, OutputPortBinding):
            spec = OutputSpec(item.name, item._registered())
        elif _is_output_dataset(item) or is_pipeline_dataset(item):
            spec = OutputSpec(item._output_name, item)
        else:
            raise DefinitionValueError(
                f"{self._where('outputs')}: {type(item).__name__} {str(item)!r} cannot be an output",
                hint="use PipelineData or OutputFileDatasetConfig",
            )
        known = self.outputs.get(spec.name)
        if known is not None and identity_of(known.data) is not identity_of(spec.data):
            raise DefinitionValueError(f"step {self.step.name!r} has two outputs called {spec.name!r}")
        self.outputs.setdefault(spec.name, spec)
        return self.outputs[spec.name]

    def output_of(self, data: Any) -> Optional[OutputSpec]:
        """Return the output that a `PipelineData` or output config stands for, or None."""
        wanted = identity_of(data)
        return next((spec for spec in self.outputs.values() if identity_of(spec.data) is wanted), None)

    def _input_reading(self, data: Any) -> Optional[InputSpec]:
        wanted = identity_of(data)
        return next((spec for spec in self.inputs.values() if identity_of(spec.source) is wanted), None)

    def _argument(self, item: Any) -> Tuple[str, Any]:
        if isinstance(item, str):
            return self._text_argument(item)
        if isinstance(item, PipelineData) or is_pipeline_dataset(item):
            return self._data_argument(item)
        if isinstance(item, PipelineParameter):
            self.parameters[item.name] = item
            return ("parameter", item.name)
        if _is_output_dataset(item) or isinstance(item, OutputPortBinding):
            return self._output_argument(item)
        if _is_input_object(item):
            return ("input", self._add_input(input_of(item, self._where("arguments")), wins=True))
        if _is_dataset(item):
            raise DefinitionValueError(
                f"{self._where('arguments')}: a dataset needs a name",
                hint="use dataset.as_named_input('name'), with .as_download() or .as_mount() for files",
            )
        return ("literal", str(item))

    def _output_argument(self, item: Any) -> Tuple[str, Any]:
        reading = self._input_reading(item) if _is_output_dataset(item) else None
        return ("input", reading) if reading is not None else ("output", self._add_output(item))

    def _text_argument(self, text: str) -> Tuple[str, Any]:
        if text.startswith("parameter:") and text[len("parameter:") :] in (self.step._params or {}):
            return ("literal", f"$AML_PARAMETER_{text[len('parameter:') :]}")
        return ("literal", text)

    def _data_argument(self, data: Any) -> Tuple[str, Any]:
        made = self.output_of(data)
        if made is not None:
            return ("output", made)
        read = self._input_reading(data)
        if read is not None and is_pipeline_dataset(data):
            # Several inputs may read one output, each under its own name and in its own way.
            read = self.inputs.get(data.input_name, read)
        if read is not None:
            return ("input", read)
        self.open.append(data)
        return ("open", data)

    def _check_raw(self, raw: List[Any]) -> None:
        named = [spec.source for spec in self.inputs.values()]
        for dataset in raw:
            if not any(source is dataset for source in named):
                raise DefinitionValueError(
                    f"{self._where('inputs')}: a dataset needs a name",
                    hint="use dataset.as_named_input('name')",
                )


def _is_same_input(one: InputSpec, other: InputSpec) -> bool:
    """Return whether two inputs of one name are the same data, read in the same way."""
    if one.fixed is not None and one.fixed == other.fixed:
        return True
    if identity_of(one.source) is not identity_of(other.source):
        return False
    readers = [getattr(spec.source, "_reader", None) or {} for spec in (one, other)]
    return readers[0] == readers[1]


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
    if _is_output_dataset(source):
        return InputSpec(item.name, "dataset", mode, item.path_on_compute, source)
    fixed: Dict[str, Any] = {}
    if isinstance(source, PipelineParameter):
        fixed["parameter"] = source.name
    elif isinstance(source, tuple):
        fixed["latest"] = True
    else:
        fixed["dataset"] = source._definition
        if source.name:
            fixed["dataset_name"], fixed["dataset_version"] = source.name, source.version
    return InputSpec(item.name, "dataset", mode, item.path_on_compute, source, fixed)


def _data(item: PipelineData, where: str) -> InputSpec:
    return InputSpec(item.name, "reference", "mount", None, item)


def _dataset_of_data(item: Any, where: str) -> InputSpec:
    return InputSpec(item.input_name, "dataset", item._mode, item._path_on_compute, item)


def _data_reference(item: DataReference, where: str) -> InputSpec:
    if type(item).__name__ == "SqlDataReference":
        raise NotYetError(f"{where}: azud does not have inputs from databases (SqlDataReference) yet")
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


def _is_input_object(item: Any) -> bool:
    return (
        isinstance(item, (InputPortBinding, DataReference))
        or type(item).__name__ in ("DatasetConsumptionConfig", "PortDataReference")
        or _is_parameter_tuple(item)
    )


# These classes are told by name, so that steps without datasets do not import the data classes.
def _is_dataset(item: Any) -> bool:
    return any(cls.__name__ == "AbstractDataset" for cls in type(item).__mro__)


def _is_output_dataset(item: Any) -> bool:
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
    (_is_output_dataset, _made_elsewhere),
    (is_pipeline_dataset, _dataset_of_data),
    (_is_parameter_tuple, _parameter_path),
    (_is_bound_path, _bound_path),
]
