"""The ports of one step: what `inputs`, `outputs` and `arguments` say together.

A `PipelineData` that stands only in `arguments` is left open here, because whether it is an input or an output
depends on the other steps; `azud.sdk.wiring` decides it.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.input_forms import (
    InputSpec,
    identity_of,
    input_of,
    is_dataset,
    is_input_object,
    is_output_dataset,
    is_pipeline_dataset,
)
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline_data import OutputPortBinding, PipelineData


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
            if is_dataset(item):
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
        elif is_output_dataset(item) or is_pipeline_dataset(item):
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
        if is_output_dataset(item) or isinstance(item, OutputPortBinding):
            return self._output_argument(item)
        if is_input_object(item):
            return ("input", self._add_input(input_of(item, self._where("arguments")), wins=True))
        if is_dataset(item):
            raise DefinitionValueError(
                f"{self._where('arguments')}: a dataset needs a name",
                hint="use dataset.as_named_input('name'), with .as_download() or .as_mount() for files",
            )
        return ("literal", str(item))

    def _output_argument(self, item: Any) -> Tuple[str, Any]:
        reading = self._input_reading(item) if is_output_dataset(item) else None
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
