"""From a wired pipeline to `azud.model.definition.PipelineDefinition`, which is what is submitted.

The model is imported here, when a pipeline is submitted, because its dataclasses cost 20 ms that programs which only
look at runs do not pay.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from azud.model.codec import from_json
from azud.model.data import DatasetDefinition
from azud.model.definition import (
    Argument,
    InputPort,
    OutputPort,
    ParameterDefinition,
    PipelineDefinition,
    StepDefinition,
)
from azud.sdk.datastore import AbstractDatastore
from azud.sdk.exceptions import DefinitionValueError, NotYetError, UserErrorException
from azud.sdk.input_forms import identity_of, is_pipeline_dataset
from azud.sdk.parameter import PipelineParameter, parameter_value
from azud.sdk.pipeline_data import PipelineData
from azud.sdk.runconfig import settings_of

if TYPE_CHECKING:
    from azud.sdk.pipeline import Pipeline
    from azud.sdk.wiring import WiredStep


class Source:
    """What a step's source folder became: its snapshot's digest, properties and warnings."""

    def __init__(self, digest: str, properties: Mapping[str, str], warnings: Tuple[str, ...]) -> None:
        """Keep the fields."""
        self.digest, self.properties, self.warnings = digest, dict(properties), warnings


def compile_pipeline(pipeline: Pipeline, sources: Mapping[str, Source]) -> PipelineDefinition:
    """Return the definition of a pipeline.

    Args:
        pipeline: Built and wired.
        sources: By the absolute source folders of its steps.

    Raises:
        ValueError: A step's run configuration cannot run yet.
    """
    wiring = pipeline._wiring
    settings: Dict[int, Any] = {}
    steps = []
    for item in wiring.steps:
        config = getattr(item.step, "_runconfig", None)
        if id(config) not in settings:
            settings[id(config)] = settings_of(config, item.step.name)
        steps.append(_step(item, pipeline, sources, settings[id(config)]))
    datastore = pipeline._default_datastore
    definition = PipelineDefinition(
        steps=tuple(steps),
        parameters=tuple(_parameter(parameter) for parameter in wiring.parameters.values()),
        name=pipeline._description or "",
        default_datastore=getattr(datastore, "name", datastore),
    )
    if pipeline._graph is None:
        return definition
    from azud.sdk.graph.applying import applied

    return applied(pipeline._graph, definition)  # what was changed in the graph by hand


def _step(
    item: WiredStep,
    pipeline: Pipeline,
    sources: Mapping[str, Source],
    settings: Any,
) -> StepDefinition:
    step: Any = item.step
    folder = step._folder(pipeline._default_source_directory)
    source = sources[folder]
    return StepDefinition(
        id=item.id,
        name=step.name,
        type=step.step_type,
        script=os.path.normpath(step._script_name).replace(os.sep, "/") if step._script_name else "",
        command=getattr(step, "_command", None),
        arguments=tuple(Argument(kind, value) for kind, value in item.arguments),
        inputs=tuple(_input(port, pipeline) for port in item.inputs),
        outputs=tuple(_output(name, data, pipeline) for name, data in item.outputs),
        run_after=tuple(item.run_after),
        snapshot=source.digest,
        source_directory=folder,
        compute=step._compute_name,
        settings=settings,
        parameters=_step_parameters(step),
        allow_reuse=bool(step._allow_reuse),
        version=None if step._version is None else str(step._version),
        timeout_s=_timeout(step),
        properties=source.properties,
        warnings=source.warnings,
        retries=step._retries,
        retry_delay_s=step._retry_delay_s,
    )


def _timeout(step: Any) -> Optional[float]:
    limit = getattr(step._runconfig, "max_run_duration_seconds", None)
    return float(limit) if limit else None


def _step_parameters(step: Any) -> Dict[str, Argument]:
    found = {name: Argument("parameter", name) for name in step._ports.parameters}
    for name, value in step._params.items():
        is_parameter = isinstance(value, PipelineParameter)
        found[str(name)] = Argument("parameter", value.name) if is_parameter else Argument("literal", str(value))
    return found


def _input(port: Dict[str, Any], pipeline: Pipeline) -> InputPort:
    if port.get("registered"):
        _check_workspace(port, pipeline)
    fields = {key: value for key, value in port.items() if key not in ("source", "dataset")}
    if port.get("dataset") is not None:
        fields["dataset"] = from_json(DatasetDefinition, port["dataset"])
    return InputPort(**fields)


def _check_workspace(port: Dict[str, Any], pipeline: Pipeline) -> None:
    """Accept a name that is looked up in the workspace in which the pipeline runs.

    Raises:
        UserErrorException: It is one of another workspace.
    """
    own, named = pipeline.workspace, port["source"][0]
    if any(getattr(own, part) != getattr(named, part, None) for part in ("subscription_id", "resource_group", "name")):
        raise UserErrorException(
            f"dataset input {port['name']!r}: {port['registered']!r} is one of another workspace, {named!r}",
            hint="register the data in the workspace in which the pipeline runs",
        )


def _output(name: str, data: Any, pipeline: Pipeline) -> OutputPort:
    if is_pipeline_dataset(data):
        made = _output(name, identity_of(data), pipeline)
        return dataclasses.replace(made, register_as=_registered_as(data, pipeline), reader=dict(data._reader))
    if isinstance(data, PipelineData):
        if data._training_output is not None:
            raise DefinitionValueError(f"output {name!r}: training_output is for AutoML and HyperDrive steps only")
        return OutputPort(
            name=name,
            datastore=_datastore_name(data._datastore),
            mode=data._output_mode,
            path_on_compute=data._output_path_on_compute,
            overwrite=bool(data._output_overwrite),
            destination=data._destination,
            data_type=data._data_type,
            pipeline_output_name=data._pipeline_output_name,
        )
    if data.mode == "hdfs":
        raise NotYetError(f"azud does not have steps that write an HDFSOutputDatasetConfig ({name!r}) yet")
    datastore, path = data.destination or (None, None)
    registration = data._registration
    return OutputPort(
        name=name,
        kind="dataset",
        datastore=_datastore_name(datastore),
        mode=data.mode,
        path_on_compute=data.source,
        overwrite=bool(data._upload_options.overwrite),
        destination=path,
        register_as=None
        if registration is None
        else {
            "name": registration.name,
            "description": registration.description or "",
            "tags": dict(registration.tags or {}),
        },
        reader=dict(data._reader),
    )


def _registered_as(data: Any, pipeline: Pipeline) -> Optional[Dict[str, Any]]:
    """Return what `register(…)` asks for.

    Raises:
        UserErrorException: The name is taken and shall get no further version.
    """
    asked = data._registration
    if asked is None:
        return None
    taken = None if asked.create_new_version else pipeline.workspace._api.find(f"/datasets/registered/{asked.name}")
    if taken is not None:
        raise UserErrorException(
            f"output {data.name!r}: a dataset called {asked.name!r} is registered already",
            hint="register it with create_new_version=True, or under another name",
        )
    return {"name": asked.name, "description": "", "tags": {}}


def _datastore_name(datastore: Any) -> Optional[str]:
    return datastore.name if isinstance(datastore, AbstractDatastore) else datastore


def _parameter(parameter: PipelineParameter) -> ParameterDefinition:
    default = parameter_value(parameter.name, parameter.default_value)
    return ParameterDefinition(parameter.name, parameter._type, default)


def source_folders(pipeline: Pipeline) -> List[str]:
    """Return the absolute source folders of a pipeline's steps, each once, in the order of the steps."""
    steps: List[Any] = [item.step for item in pipeline._wiring.steps]
    return list(dict.fromkeys(step._folder(pipeline._default_source_directory) for step in steps))
