"""What v1's step classes call of their base while a pipeline is built: bindings, module definitions, texts.

azud builds pipelines from the steps' own ports and calls none of these; they are for step classes that people made.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.graph.definitions import InputPortDef, ModuleDef, OutputPortDef, ParamDef
from azud.sdk.input_binding import InputPortBinding
from azud.sdk.input_forms import identity_of
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline_data import OutputPortBinding, PipelineData
from azud.sdk.pipeline_output_dataset import DatasetRegistration
from azud.sdk.ports import StepPorts


class _Named:
    """What `StepPorts` asks of a step."""

    def __init__(self, name: str, params: Optional[Dict[str, Any]] = None) -> None:
        self.name, self._params = name, dict(params or {})


def check_arguments(arguments: Any, inputs: Any, outputs: Any) -> None:
    """Accept arguments, inputs and outputs that a step can have.

    Raises:
        ValueError: Something in them cannot be an argument, input or output, or two ports share a name.
    """
    StepPorts(_Named("step"), list(inputs or []), list(outputs or []), list(arguments or []))


def argument_texts(arguments: Any, inputs: Any, outputs: Any, params: Any) -> List[str]:
    """Return the texts that stand for arguments until the step runs, in v1's words.

    Raises:
        ValueError: As `check_arguments`.
    """
    check_arguments(arguments, inputs, outputs)
    return [_argument_text(item, params or {}) for item in arguments or []]


def _argument_text(item: Any, params: Any) -> str:
    if isinstance(item, PipelineParameter):
        return f"$AML_PARAMETER_{item.name}"
    if isinstance(item, str) and item.startswith("parameter:") and item[len("parameter:") :] in params:
        return f"$AML_PARAMETER_{item[len('parameter:') :]}"
    return str(getattr(item, "arg_val", item))


def bindings(
    inputs: Any, outputs: Any, default_datastore: Any
) -> Tuple[List[InputPortBinding], List[OutputPortBinding]]:
    """Return a step's inputs and outputs as bindings; outputs that name no datastore get the default one.

    Raises:
        ValueError: One cannot be an input or output, or an output has no datastore at all.
    """
    ports = StepPorts(_Named("step"), list(inputs or []), list(outputs or []), [])
    read = [InputPortBinding(spec.name, spec.source, spec.mode, spec.path_on_compute) for spec in ports.inputs.values()]
    return read, [_output_binding(spec.name, spec.data, default_datastore) for spec in ports.outputs.values()]


def _output_binding(name: str, data: Any, default_datastore: Any) -> OutputPortBinding:
    asked = getattr(data, "_registration", None)
    made = identity_of(data)
    if isinstance(made, PipelineData):
        datastore = made._datastore or default_datastore
        _need_datastore(name, datastore)
        return OutputPortBinding(
            made._name,
            datastore,
            name,
            made._output_mode,
            made._output_path_on_compute,
            made._is_directory,
            made._output_overwrite,
            made._data_type,
            made._pipeline_output_name,
            made._training_output,
            asked,
        )
    datastore = (data.destination or (None,))[0] or default_datastore
    _need_datastore(name, datastore)
    registration = None if asked is None else DatasetRegistration(asked.name, True)
    mode = data.mode if data.mode in ("mount", "upload") else "mount"
    return OutputPortBinding(
        name, datastore, name, mode, data.source, is_directory=True, dataset_registration=registration
    )


def _datastore_name(datastore: Any) -> Optional[str]:
    """Return the name of a datastore, which may be given by its name."""
    name: Optional[str] = getattr(datastore, "name", datastore)
    return name


def _need_datastore(name: str, datastore: Any) -> None:
    if datastore is None:
        raise DefinitionValueError(f"output {name!r} has no datastore", hint="give one, or a default_datastore")


def module_def(
    name: str,
    step_type: str,
    input_bindings: List[InputPortBinding],
    output_bindings: List[OutputPortBinding],
    param_defs: Optional[List[ParamDef]],
    **options: Any,
) -> ModuleDef:
    """Return what a step is like; `options` are those of `ModuleDef`."""
    return ModuleDef(
        name,
        name,
        [
            InputPortDef(
                item.name,
                [item.data_type] if item.data_type else None,
                item.bind_mode,
                item.path_on_compute,
                default_overwrite=item.overwrite,
                default_data_reference_name=item.data_reference_name,
                is_resource=item.is_resource,
                additional_transformations=item.additional_transformations,
            )
            for item in input_bindings
        ],
        [
            OutputPortDef(
                item.name,
                _datastore_name(item.datastore),
                item.bind_mode,
                item.path_on_compute,
                bool(item.is_directory),
                item.data_type,
                item.overwrite,
                item.training_output,
            )
            for item in output_bindings
        ],
        param_defs,
        step_type=step_type,
        **options,
    )


def source_directory(name: str, context: Any, folder: Optional[str], script_name: Optional[str]) -> str:
    """Return the source folder of a step: its own, the context's default one, or the current one.

    Raises:
        ValueError: The script is not there.
    """
    found = folder or getattr(context, "default_source_directory", None) or "."
    if script_name and not os.path.isfile(os.path.join(found, script_name)):
        raise DefinitionValueError(
            f"Step [{name}]: script not found at: {os.path.abspath(os.path.join(found, script_name))}. "
            "Make sure to specify an appropriate source_directory on the Step or default_source_directory on the "
            "Pipeline."
        )
    return str(found)
