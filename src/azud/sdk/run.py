"""`Run`: one run of an experiment, what is below it, and its life."""

from __future__ import annotations

import os

from azud.core.paths import safe_join
from azud.sdk.exceptions import translated
from azud.sdk.run_reading import ReadableRun
from azud.sdk.sinks import ApiSink
from azud.sdk.support import not_yet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Union

    from azud.sdk.environment import Environment
    from azud.sdk.experiment import Experiment
    from azud.sdk.model import Model
    from azud.sdk.workspace import Workspace

TERMINAL = frozenset(("Completed", "Failed", "Canceled", "Bypassed"))
_factories: Dict[str, Callable[..., Any]] = {}


class Run(ReadableRun):
    """A run of an experiment."""

    def __init__(self, experiment: Experiment, run_id: str, outputs: Any = None, **kwargs: Any) -> None:
        """Open a run by its id; whether it exists shows when it is read.

        Args:
            experiment: Its experiment.
            run_id: The id.
            outputs: A local folder whose files are kept with the run when this program ends it.
            **kwargs: Accepted as in v1.
        """
        self._experiment = experiment
        self._id = run_id
        self._outputs: Optional[str] = os.fspath(outputs) if outputs else None
        self._record_value = None
        self._sink: Any = ApiSink(experiment.workspace._api, run_id)

    @classmethod
    def get_context(cls, allow_offline: bool = True, used_for_context_manager: bool = False, **kwargs: Any) -> Any:
        """Return the run that this script belongs to.

        Args:
            allow_offline: Outside of a job, return an offline run, which prints what would be logged.
            used_for_context_manager: Accepted as in v1.
            **kwargs: Accepted as in v1.

        Raises:
            RunEnvironmentException: Outside of a job, with `allow_offline=False`.
        """
        from azud.sdk.context import current_run

        return current_run(allow_offline=allow_offline)

    @classmethod
    def get_submitted_run(cls, **kwargs: Any) -> Any:
        """Return the run that this script belongs to; v1's older name.

        Raises:
            RunEnvironmentException: Outside of a job.
        """
        return cls.get_context(allow_offline=False)

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> Any:
        """Return a run of the workspace, as an object of its own class.

        Raises:
            UserErrorException: No such run.
        """
        from azud.sdk.experiment import Experiment

        record = workspace._api.get(f"/runs/{run_id}")
        return run_of_record(Experiment(workspace, record["experiment"], _create_in_cloud=False), record)

    @staticmethod
    def list(
        experiment: Experiment,
        type: Optional[str] = None,
        tags: Union[str, Mapping[str, Any], None] = None,
        properties: Union[str, Mapping[str, Any], None] = None,
        status: Optional[str] = None,
        include_children: bool = False,
    ) -> Iterator[Any]:
        """Yield the experiment's runs, newest first; see `Experiment.get_runs`."""
        for run in experiment.get_runs(type, tags, properties, include_children):
            if status is None or run._record_value["status"] == status:
                yield run

    @staticmethod
    def list_by_compute(
        compute: Any,
        type: Optional[str] = None,
        tags: Union[str, Mapping[str, Any], None] = None,
        properties: Union[str, Mapping[str, Any], None] = None,
        status: Optional[str] = None,
    ) -> Iterator[Any]:
        """Yield the runs of a compute target that have not ended, or those of this status, newest first."""
        from azud.sdk.compute_runs import runs_on

        return runs_on(compute, type, tags, properties, status)

    @staticmethod
    def add_type_provider(runtype: str, run_factory: Callable[..., Any]) -> None:
        """Have runs of a type made by `run_factory(experiment, record)` when they are listed, in this program."""
        _factories[runtype] = run_factory

    # Its surroundings

    @property
    def parent(self) -> Any:
        """The run above this one: the pipeline run of a step, what it was begun or submitted under; or None."""
        record = self._record()
        above = record.get("parent_id") or record.get("submitted_under")
        return Run.get(self._experiment.workspace, above) if above else None

    def get_children(
        self,
        recursive: bool = False,
        tags: Union[str, Mapping[str, Any], None] = None,
        properties: Union[str, Mapping[str, Any], None] = None,
        type: Optional[str] = None,
        status: Optional[str] = None,
        _rehydrate_runs: bool = True,
    ) -> Iterator[Any]:
        """Yield the runs below this one, in creation order; each followed by those below it if `recursive`."""
        from azud.sdk.experiment import has_all

        for record in self._api.items(f"/runs/{self._id}/children", {"recursive": True} if recursive else None):
            if type in (None, record["type"]) and status in (None, record["status"]):
                if has_all(record, tags, properties):
                    yield run_of_record(self._experiment, record)

    def get_details(self) -> Dict[str, Any]:
        """Return what is known of the run, in v1's words; `endTimeUtc` is there once the run has ended."""
        from azud.sdk.run_details import details_of

        return details_of(self)

    def get_details_with_logs(self) -> Dict[str, Any]:
        """Return the details with each log's text in place of its address."""
        details = self.get_details()
        details["logFiles"] = {name: self._file_text(name) for name in details["logFiles"]}
        return details

    def get_all_logs(self, destination: Optional[str] = None) -> List[str]:
        """Copy the run's logs to a local folder and return their paths there."""
        folder = os.path.join(os.path.abspath(destination or "."), self._id)
        found = []
        for name in self.get_details()["logFiles"]:
            with translated():
                found.append(safe_join(folder, name))
            self.download_file(name, found[-1])
        return found

    def get_snapshot_id(self) -> Optional[str]:
        """Return the digest of the source folder that the run was given."""
        record = self._record()
        found: Optional[str] = record.get("snapshot") or record["properties"].get("ContentSnapshotId")
        return found

    def restore_snapshot(self, snapshot_id: Optional[str] = None, path: Optional[str] = None) -> str:
        """Write a snapshot as a ZIP archive and return the archive's path.

        Args:
            snapshot_id: Its digest; the run's own if None.
            path: The archive, or a folder for it; the current one if None.

        Raises:
            UserErrorException: The run has no snapshot, or there is none of this id.
        """
        from azud.sdk.snapshot_zip import write_snapshot

        return write_snapshot(self, snapshot_id, path)

    def take_snapshot(self, file_or_folder_path: str) -> str:
        """Keep a file or folder as a snapshot and return its id.

        Raises:
            UserErrorException: There is no such file or folder.
        """
        from azud.sdk.snapshot_zip import take_path

        return take_path(self, file_or_folder_path)

    def get_environment(self) -> Environment:
        """Return the environment that the run asked for.

        Raises:
            UserErrorException: The run asked for none.
        """
        from azud.sdk.run_definition import environment_of

        return environment_of(self)

    def get_portal_url(self) -> str:
        """Return the address that names this run; `azud runs show ID` shows it."""
        return f"azud://{self._experiment.workspace.name}/runs/{self._id}"

    # Its life

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> Dict[str, Any]:
        """Wait for the end and return the details.

        Raises:
            ActivityFailedException: The run failed, and `raise_on_error`.
            ExperimentExecutionException: Ctrl-C; the run goes on.
        """
        from azud.sdk.waiting import wait

        wait(self, show_output=show_output, timeout_s=None, raise_on_error=raise_on_error)
        return self.get_details()

    def cancel(self) -> None:
        """Ask for the run's end; what has ended stays as it is."""
        self._record_value = self._api.send("POST", f"/runs/{self._id}/cancel", repeat=True)

    def flush(self, timeout_seconds: int = 300) -> None:
        """Return when what was logged is kept: it already is."""

    def start(self) -> None:
        """Begin a run of `create_children`; what runs already goes on."""
        from azud.sdk.interactive import change

        change(self, "Running")

    def complete(self) -> None:
        """End an interactive run well; the files of its `outputs` folder are kept with it.

        Raises:
            UserErrorException: The run has ended otherwise, or is one that azud's engine ends.
        """
        from azud.sdk.interactive import change

        change(self, "Completed")

    def fail(self, error_details: Any = None, error_code: Optional[str] = None) -> None:
        """End an interactive run as failed.

        Args:
            error_details: Text, an exception, or a dict with `message` and `code`.
            error_code: For programs.

        Raises:
            UserErrorException: As `complete`.
        """
        from azud.sdk.interactive import change, error_of

        change(self, "Failed", error_of(error_details, error_code))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, exit_type: Any, value: Any, traceback: Any) -> None:
        if self._fresh()["status"] in TERMINAL:
            return
        if value is None:
            self.complete()
        else:
            self.fail(value)

    # Below it

    def child_run(self, name: Optional[str] = None, run_id: Optional[str] = None, outputs: Any = None) -> Any:
        """Begin an interactive run below this one; it runs at once.

        Args:
            name: What people see.
            run_id: Its id; a uuid if None.
            outputs: A local folder whose files are kept with it when it ends.

        Raises:
            UserErrorException: The id is taken or cannot be one.
        """
        from azud.sdk.interactive import begin_children

        return begin_children(self, names=[name], run_id=run_id, outputs=outputs)[0]

    def create_children(
        self, count: Optional[int] = None, tag_key: Optional[str] = None, tag_values: Optional[List[Any]] = None
    ) -> List[Any]:
        """Make up to 100 interactive runs below this one, which wait for `start()`.

        Args:
            count: How many; or else
            tag_key: A tag that each of them gets,
            tag_values: with one of these values each.

        Raises:
            UserErrorException: Both or neither, or too many.
        """
        from azud.sdk.interactive import create_children

        children: List[Any] = create_children(self, count, tag_key, tag_values)
        return children

    def submit_child(self, config: Any, tags: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> Any:
        """Submit a script or pipeline to this run's experiment, to be shown below this run; see `Experiment.submit`."""
        return self._experiment.submit(config, tags, **{**kwargs, "parent_run_id": self._id})

    def register_model(
        self,
        model_name: str,
        model_path: Optional[str] = None,
        tags: Optional[Mapping[str, Any]] = None,
        properties: Optional[Mapping[str, Any]] = None,
        model_framework: Optional[str] = None,
        model_framework_version: Optional[str] = None,
        description: Optional[str] = None,
        datasets: Any = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
        **kwargs: Any,
    ) -> Model:
        """Register files of the run as a model's next version.

        Args:
            model_name: The model's name.
            model_path: A file or folder among the run's files (`outputs/model.pkl`); `model_name` if None.
            tags: Of the model.
            properties: Of the model; they cannot be changed later.
            model_framework: See `Model.Framework`.
            model_framework_version: Of the framework.
            description: Of the model.
            datasets: `[(what it was used for, dataset)]`.
            sample_input_dataset: Kept with the model.
            sample_output_dataset: Kept with the model.
            resource_configuration: Kept with the model.
            **kwargs: Accepted as in v1.

        Raises:
            ModelPathNotFoundException: The run has no such file or folder.
        """
        from azud.sdk.model_registering import register_from_run

        return register_from_run(
            self,
            model_name,
            model_path,
            tags=tags,
            properties=properties,
            description=description,
            model_framework=model_framework,
            model_framework_version=model_framework_version,
            datasets=datasets,
            sample_input_dataset=sample_input_dataset,
            sample_output_dataset=sample_output_dataset,
            resource_configuration=resource_configuration,
        )

    def get_secret(self, name: str) -> Optional[str]:
        """Return a secret of the workspace; None if there is none of this name."""
        return self._experiment.workspace.get_default_keyvault().get_secret(name)

    def get_secrets(self, secrets: List[str]) -> Dict[str, Optional[str]]:
        """Return secrets of the workspace by name; None where there is none."""
        return self._experiment.workspace.get_default_keyvault().get_secrets(secrets)

    clean = not_yet("Run.clean")

    @classmethod
    def _of_record(cls, experiment: Experiment, record: Dict[str, Any]) -> Any:
        run = cls(experiment, record["id"])
        run._record_value = record
        return run

    def _local_file(self, path: str) -> Optional[str]:
        """Return where a file or folder of the run lies on this machine, if this program may read it there."""
        return None

    def _children(self, type: Optional[str]) -> Iterator[Any]:
        return self.get_children(recursive=True, type=type)

    def __repr__(self) -> str:
        return f"Run(Experiment: {self._experiment.name}, Id: {self._id}, Type: {self.type}, Status: {self.status})"


def run_of_record(experiment: Experiment, record: Dict[str, Any]) -> Any:
    """Return the run object for the API's description of one."""
    from azud.sdk.pipeline_run import PipelineRun, StepRun

    if record["type"] in _factories:
        return _factories[record["type"]](experiment, record)
    if record["type"] == "azureml.PipelineRun":
        return PipelineRun._of_record(experiment, record)
    if record["type"] == "azureml.StepRun":
        return StepRun._of_step_record(experiment, record)
    if record["type"] == "azureml.scriptrun":
        from azud.sdk.script_run import ScriptRun

        return ScriptRun._of_record(experiment, record)
    return Run._of_record(experiment, record)


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, clean_up: bool = True) -> Any:
    """Return a run of the experiment; v1's function."""
    return Run.get(experiment.workspace, run_id)
