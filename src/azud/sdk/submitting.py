"""Submitting a pipeline: snapshots, missing blobs, the definition, one request that makes the run."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from azud.core.ids import new_uuid
from azud.sdk import git
from azud.sdk.exceptions import DefinitionValueError, UserErrorException
from azud.sdk.garbage import NoCollection
from azud.sdk.parameter import parameter_value
from azud.sdk.pipeline_run import PipelineRun
from azud.sdk.snapshot import Taken, take
from azud.sdk.support import Api, text_items

if TYPE_CHECKING:
    from azud.model.definition import PipelineDefinition
    from azud.sdk.compiling import Source
    from azud.sdk.experiment import Experiment
    from azud.sdk.pipeline import Pipeline

PLAN_FILE_VARIABLE = "AZUD_PLAN_FILE"
"""Set by `azud plan`: where the plan of what a program submits goes, instead of the submission."""


def submit_pipeline(
    experiment: Experiment,
    pipeline: Pipeline,
    *,
    parameters: Optional[Mapping[str, Any]] = None,
    tags: Optional[Mapping[str, Any]] = None,
    continue_on_step_failure: bool = False,
    regenerate_outputs: bool = False,
    parent_run_id: Optional[str] = None,
) -> PipelineRun:
    """Submit a pipeline and return its run, which is stored when this returns.

    Source folders are taken as they are now, at every submit of the same object. Under `azud plan` the pipeline is
    planned instead, and the program ended: see `azud.sdk.plans.plan_instead`.

    Effects: Missing blobs, snapshots, one run on the server.
    Idempotent: the run by a key of this call, so that a repeated request makes no second run.

    Raises:
        UserErrorException: The pipeline cannot run as it is written, a file cannot be read, a parameter is unknown
            or of another type.
    """
    if os.environ.get(PLAN_FILE_VARIABLE):
        from azud.sdk.plans import plan_instead, plan_pipeline

        plan_instead(
            lambda: plan_pipeline(
                pipeline,
                experiment_name=experiment.name,
                parameters=parameters,
                continue_on_step_failure=continue_on_step_failure,
                regenerate_outputs=regenerate_outputs,
                parent_run_id=parent_run_id,
            )
        )
    refuse_cycles(pipeline)
    record = submit_definition(
        experiment,
        pipeline,
        parameters=parameters,
        tags=tags,
        continue_on_step_failure=continue_on_step_failure,
        regenerate_outputs=regenerate_outputs,
        parent_run_id=parent_run_id,
    )
    return _told(experiment, record, [(item.step.name, item.id) for item in pipeline._wiring.steps])


def submit_stored(
    experiment: Experiment,
    definition: PipelineDefinition,
    *,
    tags: Optional[Mapping[str, Any]] = None,
    **options: Any,
) -> PipelineRun:
    """Submit a definition whose snapshots are stored, that of an earlier run, and return its run.

    Args:
        experiment: To which it is submitted.
        definition: Complete.
        tags: Of the run.
        **options: `parameters`, `continue_on_step_failure`, `regenerate_outputs` and `parent_run_id`, as for
            `submit_pipeline`.

    Effects: One run on the server.
    Idempotent: As `submit_pipeline`.

    Raises:
        UserErrorException: A snapshot was collected since, or as `submit_pipeline`.
    """
    if os.environ.get(PLAN_FILE_VARIABLE):
        from azud.sdk.plans import plan_definition, plan_instead

        plan_instead(lambda: plan_definition(experiment.workspace, experiment.name, definition, **options))
    body = submission_body(experiment.name, definition, **options)
    body["tags"], body["properties"] = text_items(tags or {}), _run_properties(None, PipelineRun.TYPE)
    body["properties"]["ContentSnapshotId"] = definition.steps[0].snapshot
    record = experiment.workspace._api.send("POST", "/runs", body, key=new_uuid())
    return _told(experiment, record, [(step.name, step.id) for step in definition.steps])


def _told(experiment: Experiment, record: Dict[str, Any], steps: List[Tuple[str, str]]) -> PipelineRun:
    """Return the run of a record, after saying so in v1's words."""
    for name, step_id in steps:
        print(f"Created step {name} [{step_id}]")
    run: PipelineRun = PipelineRun._of_record(experiment, record)
    print(f"Submitted PipelineRun {run.id}")
    print(f"Link to Azure Machine Learning Portal: {run.get_portal_url()}")
    return run


def submit_definition(
    experiment: Experiment,
    pipeline: Pipeline,
    *,
    parameters: Optional[Mapping[str, Any]] = None,
    tags: Optional[Mapping[str, Any]] = None,
    continue_on_step_failure: bool = False,
    regenerate_outputs: bool = False,
    parent_run_id: Optional[str] = None,
    type: str = PipelineRun.TYPE,
) -> Dict[str, Any]:
    """Take the source folders, make the definition, and return the record of its new run."""
    from azud.sdk.compiling import compile_pipeline, source_folders

    api = experiment.workspace._api
    sources = upload_sources(api, source_folders(pipeline))
    _save_datasets(api, pipeline)
    with NoCollection():
        body = submission_body(
            experiment.name,
            compile_pipeline(pipeline, sources),
            parameters=parameters,
            continue_on_step_failure=continue_on_step_failure,
            regenerate_outputs=regenerate_outputs,
            parent_run_id=parent_run_id,
        )
        first = next(iter(sources.values()), None)
        body["tags"], body["properties"] = text_items(tags or {}), _run_properties(first, type)
        if type != PipelineRun.TYPE:
            body["type"] = type
        record: Dict[str, Any] = api.send("POST", "/runs", body, key=new_uuid())
        del body
    return record


def submission_body(
    experiment_name: str,
    definition: PipelineDefinition,
    *,
    parameters: Optional[Mapping[str, Any]],
    continue_on_step_failure: bool,
    regenerate_outputs: bool,
    parent_run_id: Optional[str],
) -> Dict[str, Any]:
    """Return the body that submits a definition, or asks for its plan.

    Raises:
        UserErrorException: A parameter cannot be sent.
    """
    from azud.model.codec import to_compact_json

    return {
        "experiment": experiment_name,
        "definition": to_compact_json(definition),
        "parameters": {name: parameter_value(name, value) for name, value in (parameters or {}).items()},
        "continue_on_step_failure": bool(continue_on_step_failure),
        "regenerate_outputs": bool(regenerate_outputs),
        "interpreter": sys.executable,
        "submitted_by": user_name(),
        "parent_run_id": parent_run_id,
    }


def upload_sources(api: Api, folders: List[str]) -> Dict[str, Source]:
    """Take the source folders, upload what the server lacks, and return what each folder became."""
    from azud.sdk.compiling import Source

    repositories = {folder: git.repository_of(folder) for folder in folders}
    questions = {root: git.start(root) for root in dict.fromkeys(repositories.values())}
    taken = {folder: take(folder) for folder in folders}
    upload_missing(api, list(taken.values()))
    digests = {folder: store_snapshot(api, item) for folder, item in taken.items()}
    answers = {root: question.answer() for root, question in questions.items()}
    return {
        folder: Source(digests[folder], answers[repositories[folder]], taken[folder].warnings) for folder in folders
    }


def upload_missing(api: Api, taken: List[Taken]) -> None:
    """Send the files that the server does not have."""
    files = {file.digest: file for item in taken for file in item.files}
    missing = api.send("POST", "/blobs/missing", {"digests": list(files)}, repeat=True)["missing"]
    for digest in missing:
        try:
            api.upload_file(f"/blobs/{digest}", files[digest].absolute)
        except OSError as error:
            raise UserErrorException(
                f"{files[digest].absolute} cannot be read: {error.strerror or error}", inner_exception=error
            ) from error


def store_snapshot(api: Api, taken: Taken) -> str:
    """Have the listing kept, and return its digest."""
    body = {"files": taken.file_rows()}
    answer = api.send("POST", "/snapshots", body, repeat=True)
    return str(answer["digest"])


def _save_datasets(api: Api, pipeline: Pipeline) -> None:
    """Save the datasets that steps read, so that scripts find them by their ids; equal ones once."""
    sources = (
        port.get("source") for item in pipeline._wiring.steps for port in item.inputs if port["kind"] == "dataset"
    )
    added = pipeline._graph.datasource_nodes if pipeline._graph is not None else ()
    by_hand = (node.datasource_def._pipeline_dataset for node in added if node.datasource_def is not None)
    saved: Dict[str, Any] = {}
    for source in (*sources, *by_hand):
        default = getattr(source, "default_value", source)
        dataset: Any = getattr(default, "dataset", default)  # a parameter's default may be a named input
        definition = getattr(dataset, "_definition", None)
        if definition is None or dataset.id is not None:
            continue
        key = repr(definition)
        if key not in saved:
            saved[key] = api.send("POST", "/datasets", {"definition": definition}, repeat=True)
        dataset._record = saved[key]


def refuse_cycles(pipeline: Pipeline) -> None:
    """Raise a `ValueError` that names the circle if the steps of a pipeline wait for each other, or there are none."""
    faults = pipeline._faults()
    if faults:
        raise DefinitionValueError("; ".join(faults), hint="nothing was submitted", code="definition")


def _run_properties(source: Optional[Source], type: str) -> Dict[str, str]:
    properties = {"azureml.runsource": type}
    if source is not None:
        properties.update(source.properties, ContentSnapshotId=source.digest)
    submission = os.environ.get("AZUD_SUBMISSION_ID")  # `azud run --wait` finds its runs by this mark
    if submission:
        properties["azud.submission"] = submission
    return properties


def user_name() -> str:
    name = os.environ.get("USER") or os.environ.get("LOGNAME")
    if name:
        return name
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without an entry
        return str(os.getuid())
