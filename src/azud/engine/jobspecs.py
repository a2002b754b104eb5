"""From a step that may start to the `JobSpec` that a backend starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from azud.core.ids import new_token
from azud.core.paths import clean_relative
from azud.engine.context import RunContext
from azud.engine.ports import DataPort
from azud.model.data import LOCAL_DRIVER, DatastoreRecord
from azud.model.definition import Argument, OutputPort, StepDefinition
from azud.model.jobs import JobSpec, StagedOutput
from azud.model.runs import RunType
from azud.model.snapshot import SourceSnapshot
from azud.planning.binding import parameter_text

ARTIFACTS = "ExperimentRun/dcid."


@dataclasses.dataclass(frozen=True)
class Places:
    """What every job of a workspace shares.

    Args:
        blobs: Folder of the content-addressed store.
        library_path: Generated folder with `azureml` and azud's standard-library packages.
        endpoint: Address of the server for jobs.
        workspace: `{"subscription_id", "resource_group", "name", "id"}`.
        artifact_store: Name of the datastore that keeps run artifacts.
        grace_s: Seconds between asking a job to end and killing it.
    """

    blobs: str
    library_path: str
    endpoint: str
    workspace: Mapping[str, str]
    artifact_store: str
    grace_s: float = 10.0


def artifact_folder(step_run_id: str) -> str:
    """Return the path of a step run's artifacts on the artifact store."""
    return ARTIFACTS + step_run_id


def output_place(context: RunContext, step: StepDefinition, port: OutputPort) -> tuple[str, str, str | None]:
    """Return an output's datastore, the path of its authority there, and the user's fixed path or None.

    A destination that names `{run-id}` is unique to the step run and is itself the authority.
    """
    step_run_id = context.rows[step.id].id
    datastore = port.datastore or context.default_datastore
    if port.destination is not None:
        asked = port.destination.replace("{run-id}", step_run_id).replace("{output-name}", port.name)
        asked = clean_relative(asked)
        if "{run-id}" in port.destination:
            return datastore, asked, None
        return datastore, f"azureml/{step_run_id}/{port.name}", asked
    folder = "dataset" if port.kind == "dataset" else "azureml"
    return datastore, f"{folder}/{step_run_id}/{port.name}", None


def authority_path(step_run_id: str, name: str, path: str, published_to: str | None) -> str:
    """Return where an output's sealed bytes lie on its datastore.

    Args:
        step_run_id: Who sealed it.
        name: The output.
        path: Where people find it: the authority itself, or the destination that its copy was published to.
        published_to: As in `SealedOutput`.
    """
    return path if published_to is None else f"azureml/{step_run_id}/{name}"


def build_spec(
    context: RunContext,
    step: StepDefinition,
    attempt_id: str,
    *,
    places: Places,
    data: DataPort,
    snapshot: SourceSnapshot,
    gpu: str | None,
) -> JobSpec:
    """Return the spec of an attempt whose inputs were staged."""
    options = context.stored.options
    step_run_id = context.rows[step.id].id
    artifact_store = context.datastores[places.artifact_store]
    return JobSpec(
        attempt_id=attempt_id,
        run_id=context.id,
        step_run_id=step_run_id,
        step_name=step.name,
        experiment=context.stored.experiment,
        interpreter=context.environments[step.id].interpreter,
        launch=options.launch,
        library_path=places.library_path,
        blobs=places.blobs,
        script=step.script,
        command=step.command,
        artifacts_to=data.locate(artifact_store, artifact_folder(step_run_id)),
        artifacts_send=_sent_artifacts(artifact_store, artifact_folder(step_run_id)),
        workspace=dict(places.workspace),
        endpoint=places.endpoint,
        run_token=new_token(),
        arguments=tuple(_resolved(context, item) for item in step.arguments),
        snapshot=snapshot.files,
        environment_variables=dict(step.settings.environment_variables),
        parameters={name: _resolved(context, item).value for name, item in step.parameters.items()},
        pipeline_parameters={
            name: parameter_text(value) for name, value in context.parameters.items() if not isinstance(value, dict)
        },
        inputs=context.staged[step.id],
        outputs=tuple(_staged_output(context, step, port, data) for port in step.outputs),
        node_count=step.settings.node_count,
        process_count_per_node=step.settings.process_count_per_node,
        timeout_s=step.timeout_s,
        grace_s=places.grace_s,
        gpus=gpu,
        number=context.machine.steps[step.id].number,
        shown_as=context.id if context.stored.type == RunType.SCRIPT else step_run_id,
    )


def _sent_artifacts(store: DatastoreRecord, folder: str) -> dict[str, Any] | None:
    if store.driver == LOCAL_DRIVER:
        return None
    return {"datastore": store.name, "source": folder, "path": folder, "own": True}


def _resolved(context: RunContext, argument: Argument) -> Argument:
    """Replace a parameter by its value; ports are resolved by the runner, which knows the paths."""
    if argument.kind != "parameter":
        return argument
    value = context.parameters[argument.value]
    if isinstance(value, dict):
        # A data path or dataset parameter on the command line is the path of the input that it feeds.
        step = next(step for step in context.steps.values() if argument in step.arguments)
        port = next((port for port in step.inputs if port.parameter == argument.value), None)
        if port is not None:
            return Argument("input", port.name)
    return Argument("literal", parameter_text(value))


def _staged_output(context: RunContext, step: StepDefinition, port: OutputPort, data: DataPort) -> StagedOutput:
    datastore_name, authority, published = output_place(context, step, port)
    datastore = context.datastores[datastore_name]
    elsewhere = datastore.driver != LOCAL_DRIVER
    send = {"datastore": datastore_name, "source": authority, "path": published or authority, "own": published is None}
    return StagedOutput(
        name=port.name,
        kind=port.kind,
        mode=port.mode,
        authority=data.locate(datastore, authority),
        publish_to=None if published is None or elsewhere else data.locate(datastore, published),
        path_on_compute=port.path_on_compute,
        overwrite=port.overwrite,
        send=send if elsewhere else None,
    )
