"""`PipelineRun` and `StepRun`. Every job imports this, so their outputs are in `run_outputs`."""

from __future__ import annotations

import sys

from azud.sdk.exceptions import UserErrorException
from azud.sdk.run import Run
from azud.sdk.support import not_yet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional

    from azud.model.explanation import Explanation
    from azud.sdk.experiment import Experiment
    from azud.sdk.graph.graphs import Graph
    from azud.sdk.run_outputs import PortDataReference, StepRunOutput
    from azud.sdk.workspace import Workspace

_DRIVER_LOG = "azureml-logs/70_driver_log.txt"
_STD_LOG = "user_logs/std_log.txt"


def pipeline_word(status: str) -> str:
    """Return a state in the words of pipeline and step runs: `Finished` for `Completed`."""
    # As azud.model.runs.pipeline_word, which costs the import of the model.
    return {"Completed": "Finished", "CancelRequested": "Running"}.get(status, status)


class _EngineRun(Run):
    """A run that the engine drives: scripts cannot end it or start runs below it."""

    def get_status(self) -> str:
        """Return the state: `NotStarted`, `Queued`, `Running`, `Finished`, `Failed`, `Canceled`, `Bypassed`."""
        return pipeline_word(self.status)

    def wait_for_completion(  # type: ignore[override]
        self, show_output: bool = True, timeout_seconds: float = sys.maxsize, raise_on_error: bool = True
    ) -> str:
        """Wait for the end and return the state (`Finished`).

        Args:
            show_output: Print what happens, and the logs of running steps.
            timeout_seconds: When they have passed, say so and return the state of then.
            raise_on_error: Raise if the run failed.

        Raises:
            ActivityFailedException: The run failed, and `raise_on_error`.
            ExperimentExecutionException: Ctrl-C; the run goes on.
        """
        from azud.sdk.waiting import wait

        timeout_s = float(timeout_seconds) if timeout_seconds < sys.maxsize else None
        return wait(self, show_output=show_output, timeout_s=timeout_s, raise_on_error=raise_on_error)

    def verify(self, steps: Optional[List[str]] = None, include_writing: bool = False) -> List[Dict[str, Any]]:
        """Run finished steps again aside and return, for each, whether it made the same bytes (azud's own).

        Args:
            steps: Names or ids of steps of a pipeline run; all of them by default.
            include_writing: Steps that also wrote elsewhere than into their outputs, too.

        Returns:
            One `{"step_name", "outcome", "reason", "files", …}` a step; `outcome` is `same`, `different`, `failed`,
            `not_comparable` or `skipped`.

        Raises:
            UserErrorException: There is no such step, or the run has not ended.
        """
        from azud.sdk.verifying import verify

        return verify(self, steps, include_writing)

    def complete(self) -> None:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(f"{type(self).__name__}.complete: the engine ends this run")

    def fail(self, error_details: Any = None, error_code: Optional[str] = None) -> None:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(f"{type(self).__name__}.fail: the engine ends this run")

    def child_run(self, name: Any = None, run_id: Any = None, outputs: Any = None) -> Run:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(f"{type(self).__name__}.child_run: the engine makes the runs below this run")


def _explanations(run: _EngineRun) -> List[Explanation]:
    from azud.model.codec import from_json
    from azud.model.explanation import Explanation

    return [from_json(Explanation, item) for item in run._api.items(f"/runs/{run.id}/explanations")]


class PipelineRun(_EngineRun):
    """A pipeline that was submitted."""

    TYPE = "azureml.PipelineRun"

    def __init__(self, experiment: Experiment, run_id: str, **kwargs: Any) -> None:
        """Open a pipeline run by its id."""
        super().__init__(experiment, run_id)

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> PipelineRun:
        """Return a pipeline run of the workspace.

        Raises:
            UserErrorException: No such run.
        """
        found: PipelineRun = Run.get(workspace, run_id)  # type: ignore[assignment]
        return found

    def get_steps(self) -> Iterator[StepRun]:
        """Yield the step runs, in creation order."""
        from azud.sdk.run import run_of_record

        for record in self._api.items(f"/runs/{self._id}/steps"):
            yield run_of_record(self._experiment, record)  # type: ignore[misc]

    def find_step_run(self, name: str) -> List[StepRun]:
        """Return the step runs of this name; [] if there is none."""
        return [step for step in self.get_steps() if step.name == name]

    def get_pipeline_output(self, pipeline_output_name: str) -> PortDataReference:
        """Return the output that was given this `pipeline_output_name`.

        Raises:
            UserErrorException: There is none, or its step has not ended yet.
        """
        from azud.sdk.run_outputs import PortDataReference

        for record in self._api.items(f"/runs/{self._id}/outputs"):
            if record.get("pipeline_output_name") == pipeline_output_name:
                return PortDataReference(self, self._id, record)
        raise UserErrorException(
            f"pipeline run {self._id} has no output {pipeline_output_name!r}",
            hint="it is there once its step has ended",
        )

    def explain(self) -> List[Explanation]:
        """Return why each step ran, was reused, or was passed over, in the order of the steps; azud's own.

        `print(*run.explain(), sep="\\n")` shows what `azud why` shows.
        """
        return _explanations(self)

    def get_graph(self) -> Graph:
        """Return the graph of what was submitted. `graph.submit()` submits it again, with what was changed in it."""
        from azud.sdk.graph.contexts import graph_of_run

        return graph_of_run(self)

    publish_pipeline = not_yet("PipelineRun.publish_pipeline", "publishing")
    save = not_yet("PipelineRun.save")
    get_pipeline_runs = staticmethod(not_yet("PipelineRun.get_pipeline_runs"))


class StepRun(_EngineRun):
    """One step of a pipeline run."""

    def __init__(
        self, experiment: Experiment, step_run_id: str, pipeline_run_id: str, node_id: str, **kwargs: Any
    ) -> None:
        """Open a step run by its ids."""
        super().__init__(experiment, step_run_id)
        self._pipeline_run_id = pipeline_run_id
        self._node_id = node_id

    def explain(self) -> Explanation:
        """Return why this step ran, was reused, or was passed over; azud's own.

        `print(step_run.explain())` shows what `azud why` shows.
        """
        return _explanations(self)[0]

    @property
    def pipeline_run_id(self) -> str:
        """The id of the pipeline run."""
        return self._pipeline_run_id

    def get_outputs(self) -> Dict[str, StepRunOutput]:
        """Return the sealed outputs by name."""
        from azud.sdk.run_outputs import StepRunOutput

        records = self._api.items(f"/runs/{self._id}/outputs")
        return {
            record["name"]: StepRunOutput(None, self._pipeline_run_id, self, record["name"], record)
            for record in records
        }

    def get_output(self, name: str) -> StepRunOutput:
        """Return an output.

        Raises:
            UserErrorException: The step has none of this name, or has not ended yet.
        """
        outputs = self.get_outputs()
        if name not in outputs:
            raise UserErrorException(
                f"step run {self.name!r} has no output {name!r}",
                hint=f"its outputs: {', '.join(outputs) or 'none (yet)'}",
            )
        return outputs[name]

    def get_output_data(self, name: str) -> PortDataReference:
        """Return where an output's bytes are.

        Raises:
            UserErrorException: As `get_output`.
        """
        return self.get_output(name).get_port_data_reference()

    def get_job_log(self) -> str:
        """Return the log of the job."""
        return self._file_text(_DRIVER_LOG)

    def get_stdout_log(self) -> str:
        """Return what the script wrote to standard output (and error)."""
        return self._file_text(_STD_LOG)

    def get_stderr_log(self) -> str:
        """Return what the script wrote to standard error, which is kept with its standard output."""
        return self._file_text(_STD_LOG)

    def get_details_with_logs(self) -> Dict[str, Any]:
        """Return the details with each log's text in place of its address, and `STDOUT`, `STDERR`, `JOBLOG`."""
        details = super().get_details_with_logs()
        logs = details["logFiles"]
        for key, name in (("STDOUT", _STD_LOG), ("STDERR", _STD_LOG), ("JOBLOG", _DRIVER_LOG)):
            logs[key] = logs.get(name, "")
        return details

    @classmethod
    def _of_step_record(cls, experiment: Experiment, record: Dict[str, Any]) -> StepRun:
        run = cls(experiment, record["id"], record.get("parent_id") or "", record.get("node_id") or "")
        run._record_value = record
        return run
