"""`Run.get_context()`: the run that a script belongs to, made of its environment without asking a server."""

from __future__ import annotations

import os

from azud.sdk.exceptions import RunEnvironmentException
from azud.sdk.pipeline_run import StepRun
from azud.sdk.run import Run
from azud.sdk.sinks import JobSink
from azud.sdk.support import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

    from azud.sdk.experiment import Experiment
    from azud.sdk.input_datasets import InputDatasets
    from azud.sdk.output_datasets import OutputDatasets

_current: Dict[str, Any] = {}


def current_run(*, allow_offline: bool) -> Any:
    """Return the run of this process: the same object for one run id.

    Raises:
        RunEnvironmentException: Outside of a job, unless `allow_offline`.
    """
    folder, run_id = os.environ.get("AZUD_ATTEMPT_DIR"), os.environ.get("AZUREML_RUN_ID")
    if not folder or not run_id:
        if not allow_offline:
            raise RunEnvironmentException(
                "this program is not running as a job, and offline runs are not allowed here",
                hint="submit it as a step, or call Run.get_context()",
            )
        from azud.sdk.offline_run import _OfflineRun, _ReplayedRun

        replayed = os.environ.get("AZUD_REPLAY_DIR")
        return _ReplayedRun(replayed) if replayed else _OfflineRun()
    if run_id not in _current:
        _current[run_id] = _SubmittedRun(run_id, folder)
    return _current[run_id]


def _experiment_of_environment() -> Experiment:
    from azud.sdk.experiment import Experiment
    from azud.sdk.workspace import Workspace
    from azud.sdk.workspace_places import job_names

    name = os.environ.get("AZUREML_ARM_PROJECT_NAME") or "unknown"
    return Experiment(Workspace(*job_names()), name, _create_in_cloud=False)


class _SubmittedRun(StepRun):
    """The run of the script that asks: what it logs goes to its own spool; its process's exit code ends it."""

    def __init__(self, run_id: str, folder: str) -> None:
        # Not through the base: a step that only logs needs neither experiment nor workspace, whose modules cost a
        # fresh interpreter as much as the rest of the SDK. `__getattr__` makes them when they are asked for.
        self._id = run_id
        self._record_value = None
        self._outputs = None
        self._pipeline_run_id = os.environ.get("AZUREML_ROOT_RUN_ID", "")
        self._node_id = ""
        self._folder = folder
        self._sink = JobSink(folder)
        self._inputs: Optional[InputDatasets] = None

    def __getattr__(self, name: str) -> Any:
        if name != "_experiment":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._experiment = _experiment_of_environment()
        return self._experiment

    @property
    def parent(self) -> Any:
        """The pipeline run."""
        if self._pipeline_run_id and self._pipeline_run_id != self._id:
            from azud.sdk.pipeline_run import PipelineRun

            return PipelineRun(self._experiment, self._pipeline_run_id)
        return super().parent

    @property
    def input_datasets(self) -> InputDatasets:
        """Inputs by name: the dataset for `direct`, the local path for `mount` and `download`."""
        if self._inputs is None:
            from azud.sdk.input_datasets import InputDatasets

            self._inputs = InputDatasets(self._experiment.workspace, self._folder)
        return self._inputs

    @property
    def output_datasets(self) -> OutputDatasets:
        """Local paths of the outputs that are datasets, by name; for those that are linked a `LinkOutput`."""
        from azud.sdk.output_datasets import OutputDatasets

        return OutputDatasets()

    def _local_file(self, path: str) -> Optional[str]:
        # What the script wrote below ./outputs, or uploaded, is the run's file already: it need not end first.
        from azud.core.paths import safe_join
        from azud.sdk.exceptions import translated

        places = [os.path.join(self._folder, "artifacts")]
        if path.partition("/")[0] in ("outputs", "logs"):
            places.append(os.path.join(self._folder, "work"))
        for place in places:
            with translated():
                found = safe_join(place, path)
            if os.path.exists(found):
                return found
        return None

    def complete(self) -> None:
        """Do nothing but return: the exit code of the process decides."""

    def fail(self, error_details: Any = None, error_code: Optional[str] = None) -> None:
        """Keep the error with the run; the exit code of the process decides."""
        self.add_properties({"azureml.userError": str(error_details), "azureml.userErrorCode": str(error_code)})

    def cancel(self) -> None:
        """Warn: a script cannot cancel its own run."""
        warn("cancel() of the run that this script belongs to does nothing: end the process instead")

    def __enter__(self) -> _SubmittedRun:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is not None:
            self.fail(repr(error))

    # A script may begin runs below its own, which those who only look at a step run cannot.
    child_run = Run.child_run
