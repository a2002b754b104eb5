"""`Run`: one run of an experiment, read through the API; and what a script gets of its own run."""

from __future__ import annotations

import os

from azud.core.paths import safe_join
from azud.sdk import metrics
from azud.sdk.exceptions import ActivityFailedException, UserErrorException, translated
from azud.sdk.run_logging import RunLogging
from azud.sdk.sinks import ApiSink
from azud.sdk.support import not_yet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional, Union

    from azud.sdk.experiment import Experiment
    from azud.sdk.workspace import Workspace

TERMINAL = frozenset(("Completed", "Failed", "Canceled", "Bypassed"))


class Run(RunLogging):
    """A run of an experiment."""

    def __init__(self, experiment: Experiment, run_id: str, outputs: Any = None, **kwargs: Any) -> None:
        """Open a run by its id; whether it exists shows when it is read."""
        self._experiment = experiment
        self._id = run_id
        self._record_value: Optional[Dict[str, Any]] = None
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

    # What it is

    @property
    def experiment(self) -> Experiment:
        """The experiment."""
        return self._experiment

    @property
    def id(self) -> str:
        """The run's id."""
        return self._id

    @property
    def name(self) -> str:
        """The name: the step's for a step run."""
        return str(self._record().get("name") or f"run_{self._id}")

    @property
    def display_name(self) -> str:
        """The name that people see; it can be set."""
        return self.name

    @display_name.setter
    def display_name(self, value: str) -> None:
        self._record_value = self._api.send("PATCH", f"/runs/{self._id}", {"display_name": value})

    @property
    def type(self) -> str:
        """`azureml.PipelineRun` or `azureml.StepRun`."""
        return str(self._record()["type"])

    @property
    def number(self) -> int:
        """Counts the experiment's runs from 1."""
        return int(self._record()["number"])

    @property
    def parent(self) -> Any:
        """The pipeline run of a step run, or None."""
        parent_id = self._record().get("parent_id")
        return Run.get(self._experiment.workspace, parent_id) if parent_id else None

    @property
    def status(self) -> str:
        """The state, in the run history's words (`Completed`)."""
        return str(self._fresh()["status"])

    def get_status(self) -> str:
        """Return the state, in the run history's words."""
        return self.status

    def get_detailed_status(self) -> Dict[str, Any]:
        """Return the state and the reason for a failure."""
        record = self._fresh()
        return {"status": record["status"], "details": [(record.get("error") or {}).get("message")]}

    # Tags and properties

    @property
    def tags(self) -> Dict[str, Optional[str]]:
        """The tags."""
        return self.get_tags()

    def get_tags(self) -> Dict[str, Optional[str]]:
        """Return the tags."""
        return dict(self._fresh()["tags"])

    def remove_tags(self, tags: Any) -> None:
        """Take tags away: one name, a list, or a dict of names and the values that they must have."""
        from collections.abc import Mapping

        if isinstance(tags, Mapping):
            have = self.get_tags()
            names = [key for key, value in tags.items() if key in have and have[key] == value]
        else:
            names = [tags] if isinstance(tags, str) else list(tags)
        self._api.send("PATCH", f"/runs/{self._id}", {"remove_tags": names})

    @property
    def properties(self) -> Dict[str, str]:
        """The properties."""
        return self.get_properties()

    def get_properties(self) -> Dict[str, str]:
        """Return the properties."""
        return dict(self._fresh()["properties"])

    # Metrics and files

    def get_metrics(
        self,
        name: Optional[str] = None,
        recursive: bool = False,
        run_type: Optional[str] = None,
        populate: bool = False,
    ) -> Dict[str, Any]:
        """Return logged values by name; see `azud.sdk.metrics.fold` for their shapes.

        Args:
            name: Only this metric.
            recursive: Return `{run id: values}` for this run and those below it that logged something.
            run_type: With `recursive`, only runs of this type.
            populate: Accepted as in v1: images stay addresses.
        """
        own = metrics.fold(self._api.items(f"/runs/{self._id}/metrics", key="points"), name)
        if not recursive:
            return own
        found = {self._id: own} if own and run_type in (None, self.type) else {}
        for child in self.get_children(recursive=True, type=run_type):
            values = child.get_metrics(name)
            if values:
                found[child.id] = values
        return found

    def get_file_names(self) -> List[str]:
        """Return the names of the run's files."""
        return [row["path"] for row in self._api.items(f"/runs/{self._id}/files")]

    def download_file(
        self, name: str, output_file_path: Optional[str] = None, _validate_checksum: bool = False
    ) -> None:
        """Copy a file of the run to a local path: by default its own name in the current folder.

        Raises:
            UserErrorException: The run has no such file.
        """
        target = output_file_path or os.path.basename(name)
        if os.path.isdir(target):
            target = os.path.join(target, os.path.basename(name))
        self._api.download_file(f"/runs/{self._id}/files/{name}", target)

    def download_files(
        self,
        prefix: Optional[str] = None,
        output_directory: Optional[str] = None,
        output_paths: Optional[List[str]] = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: Optional[int] = None,
    ) -> None:
        """Copy the run's files whose names start with `prefix` to a local folder.

        Args:
            prefix: Beginning of the names.
            output_directory: The folder; the current one by default.
            output_paths: Local path of each file, instead of its name.
            batch_size: Accepted as in v1.
            append_prefix: Keep the prefix in local paths.
            timeout_seconds: Accepted as in v1.

        Raises:
            UserErrorException: Not as many paths as files.
        """
        names = [name for name in self.get_file_names() if name.startswith(prefix or "")]
        if output_paths is not None and len(output_paths) != len(names):
            raise UserErrorException(f"{len(output_paths)} output paths for {len(names)} files")
        folder = os.path.abspath(output_directory or ".")
        for index, name in enumerate(names):
            local = name if append_prefix or not prefix else name[len(prefix) :].lstrip("/") or os.path.basename(name)
            with translated():
                target = safe_join(folder, local)
            self.download_file(name, output_paths[index] if output_paths is not None else target)

    # Its surroundings

    def get_children(
        self,
        recursive: bool = False,
        tags: Union[str, Mapping[str, Any], None] = None,
        properties: Union[str, Mapping[str, Any], None] = None,
        type: Optional[str] = None,
        status: Optional[str] = None,
        _rehydrate_runs: bool = True,
    ) -> Iterator[Any]:
        """Yield the runs below this one, in creation order."""
        from azud.sdk.experiment import has_all

        for record in self._api.items(f"/runs/{self._id}/steps"):
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
        """Do nothing: azud's runs are started by the server."""

    def complete(self) -> None:
        """Refuse: only interactive runs end by being told so, and azud does not have these yet."""
        not_yet("Run.complete of a run that this script does not belong to")()

    def fail(self, error_details: Any = None, error_code: Optional[str] = None) -> None:
        """Refuse: as `complete`."""
        not_yet("Run.fail of a run that this script does not belong to")()

    submit_child = not_yet("Run.submit_child")
    child_run = not_yet("Run.child_run")
    create_children = not_yet("Run.create_children")
    register_model = not_yet("Run.register_model")
    restore_snapshot = not_yet("Run.restore_snapshot")
    take_snapshot = not_yet("Run.take_snapshot")
    get_environment = not_yet("Run.get_environment")
    get_secret = not_yet("Run.get_secret")
    get_secrets = not_yet("Run.get_secrets")
    list_by_compute = staticmethod(not_yet("Run.list_by_compute"))
    add_type_provider = staticmethod(not_yet("Run.add_type_provider"))

    # Within the SDK

    @property
    def _api(self) -> Any:
        return self._experiment.workspace._api

    @classmethod
    def _of_record(cls, experiment: Experiment, record: Dict[str, Any]) -> Any:
        run = cls(experiment, record["id"])
        run._record_value = record
        return run

    def _record(self) -> Dict[str, Any]:
        """Return what the server said last, asking the first time."""
        return self._record_value if self._record_value is not None else self._fresh()

    def _fresh(self) -> Dict[str, Any]:
        record: Dict[str, Any] = self._api.get(f"/runs/{self._id}")
        self._record_value = record
        return record

    def _file_text(self, name: str) -> str:
        with translated():
            data = b"".join(self._api.client.download(f"/runs/{self._id}/files/{name}"))
        return data.decode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"Run(Experiment: {self._experiment.name}, Id: {self._id}, Type: {self.type}, Status: {self.status})"


def run_of_record(experiment: Experiment, record: Dict[str, Any]) -> Any:
    """Return the run object for the API's description of one."""
    from azud.sdk.pipeline_run import PipelineRun, StepRun

    if record["type"] == "azureml.PipelineRun":
        return PipelineRun._of_record(experiment, record)
    if record["type"] == "azureml.StepRun":
        return StepRun._of_step_record(experiment, record)
    return Run._of_record(experiment, record)


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, clean_up: bool = True) -> Any:
    """Return a run of the experiment; v1's function."""
    return Run.get(experiment.workspace, run_id)


def failure_of(record: Mapping[str, Any]) -> ActivityFailedException:
    """Return the exception of a run that did not succeed, with the error as JSON, as in v1."""
    import json

    error = dict(record.get("error") or {"code": "canceled", "message": f"the run ended as {record['status']}"})
    lines = [str(error.get("message"))]
    for label, key in (("exit code", "exit_code"), ("signal", "signal"), ("log", "log")):
        if error.get(key) is not None:
            lines.append(f"{label}: {error[key]}")
    lines.extend(error.pop("traceback_tail", None) or [])
    body = {"error": {"code": error.get("code"), "message": "\n".join(lines), "details": error}}
    return ActivityFailedException(json.dumps(body, indent=4, ensure_ascii=False), code=str(error.get("code")))
