"""`Pipeline`: steps, wired by what they read and write, ready to be submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.sdk.exceptions import DefinitionValueError, NotYetError
from azud.sdk.support import not_yet
from azud.sdk.wiring import find_cycle, wire

if TYPE_CHECKING:
    from typing_extensions import TypedDict, Unpack

    from azud.sdk.graph.graphs import Graph
    from azud.sdk.pipeline_run import PipelineRun
    from azud.sdk.plans import PipelinePlan
    from azud.sdk.step import PipelineStep
    from azud.sdk.workspace import Workspace

    class _PipelineOptions(TypedDict, total=False):
        enable_email_notification: bool

    class _SubmitOptions(_PipelineOptions, total=False):
        pipeline_params: Optional[Dict[str, Any]]
        tags: Optional[Dict[str, Any]]


def _refuse_own_node(step: PipelineStep) -> None:
    """Refuse a step class that makes its node itself, which azud would pass over.

    Raises:
        NotYetError: It names the class.
    """
    maker = type(step).create_node
    if not maker.__module__.startswith("azud."):
        raise NotYetError(f"azud does not call create_node of step classes, as {type(step).__name__} wants, yet")


class Pipeline:
    """A graph of steps. The order follows from the data and from `run_after`, not from the list."""

    def __init__(
        self,
        workspace: Optional[Workspace] = None,
        steps: Any = None,
        description: Optional[str] = None,
        default_datastore: Any = None,
        default_source_directory: Optional[str] = None,
        resolve_closure: bool = True,
        **kwargs: Unpack[_PipelineOptions],
    ) -> None:
        """Build the graph and check what can be checked without running.

        Args:
            workspace: Where the pipeline will run; None: the workspace of the current folder.
            steps: A step, a list (members run side by side unless their data say otherwise; lists may hold
                lists) or a `StepSequence`.
            description: Also the name; the experiment's if None.
            default_datastore: For outputs that name none; the workspace's default datastore if None.
            default_source_directory: For steps without a source folder; the current one if None.
            resolve_closure: Add steps that are needed and not listed.
            **kwargs: `enable_email_notification` is accepted; nothing else.

        Raises:
            ValueError: A script is missing, an input that nobody makes, an output that two steps make, or an
                unknown keyword.
            UserErrorException: No workspace is given, and the current folder belongs to none.
        """
        unknown = set(kwargs) - {"enable_email_notification", "_workflow_provider", "_service_endpoint"}
        if unknown:
            raise DefinitionValueError(f"Pipeline() has no parameter {sorted(unknown)[0]!r}")
        if workspace is None:
            from azud.sdk.workspace import default_workspace

            workspace = default_workspace()
        self._workspace = workspace
        self._description = description
        self._default_datastore = default_datastore
        self._default_source_directory = default_source_directory
        self._wiring = wire(steps, resolve_closure=resolve_closure)
        self._graph: Optional[Graph] = None
        self._experiment_name: Optional[str] = None
        for item in self._wiring.steps:
            _refuse_own_node(item.step)
            item.step._check(default_source_directory)

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    @property
    def description(self) -> Optional[str]:
        """The description."""
        return self._description

    @property
    def graph(self) -> Graph:
        """The steps as nodes, their data and order as edges; what is changed in it is what is submitted."""
        if self._graph is None:
            from azud.sdk.graph.contexts import graph_of_pipeline

            self._graph = graph_of_pipeline(self)
        return self._graph

    def validate(self) -> List[str]:
        """Return what is wrong, one text for each fault; [] means that the pipeline can be submitted."""
        faults = self._faults()
        if not faults:
            for item in self._wiring.steps:
                print(f"Step {item.step.name} is ready to be created [{item.id}]")
        return faults

    def submit(
        self,
        experiment_name: str,
        pipeline_parameters: Optional[Dict[str, Any]] = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        parent_run_id: Optional[str] = None,
        credential_passthrough: Optional[bool] = None,
        **kwargs: Unpack[_SubmitOptions],
    ) -> PipelineRun:
        """Submit the pipeline to an experiment, which is made if need be; see `Experiment.submit`.

        Raises:
            ValueError: An unknown keyword, or a pipeline that cannot run.
            UserErrorException: As `Experiment.submit`.
        """
        from azud.sdk.experiment import Experiment
        from azud.sdk.submitting import submit_pipeline

        parameters = kwargs.pop("pipeline_params", None) or pipeline_parameters
        unknown = set(kwargs) - {"tags", "enable_email_notification"}
        if unknown:
            raise DefinitionValueError(f"Pipeline.submit() has no parameter {sorted(unknown)[0]!r}")
        return submit_pipeline(
            Experiment(self._workspace, experiment_name),
            self,
            parameters=parameters,
            tags=kwargs.get("tags"),
            continue_on_step_failure=continue_on_step_failure,
            regenerate_outputs=regenerate_outputs,
            parent_run_id=parent_run_id,
        )

    def plan(
        self,
        experiment_name: Optional[str] = None,
        pipeline_parameters: Optional[Dict[str, Any]] = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        parent_run_id: Optional[str] = None,
        credential_passthrough: Optional[bool] = None,
        **kwargs: Unpack[_SubmitOptions],
    ) -> PipelinePlan:
        """Return what `submit` with the same arguments would do, step by step. Nothing runs, nothing is stored.

        azud's own: the SDK v1 does not have it.

        Raises:
            ValueError: An unknown keyword, or a pipeline that cannot run.
            UserErrorException: As `Experiment.submit`.
        """
        from azud.sdk.plans import plan_pipeline

        parameters = kwargs.pop("pipeline_params", None) or pipeline_parameters
        unknown = set(kwargs) - {"tags", "enable_email_notification"}
        if unknown:
            raise DefinitionValueError(f"Pipeline.plan() has no parameter {sorted(unknown)[0]!r}")
        return plan_pipeline(
            self,
            experiment_name=experiment_name,
            parameters=parameters,
            continue_on_step_failure=continue_on_step_failure,
            regenerate_outputs=regenerate_outputs,
            parent_run_id=parent_run_id,
        )

    publish = not_yet("Pipeline.publish", "publishing")
    service_endpoint = not_yet("Pipeline.service_endpoint", "publishing")
    load_yaml = staticmethod(not_yet("Pipeline.load_yaml"))

    def _set_experiment_name(self, experiment_name: str) -> None:
        """Name the experiment to which `graph.submit()` submits; people's code calls it though it was never public."""
        self._experiment_name = experiment_name

    def _faults(self) -> List[str]:
        if self._graph is not None:
            return self._graph.validate()
        if not self._wiring.steps:
            return ["the pipeline has no steps"]
        circle = find_cycle(self._wiring.predecessors())
        if circle is None:
            return []
        from azud.sdk.graph.graphs import circle_fault

        return [circle_fault(circle, {item.id: item.step.name for item in self._wiring.steps})]
