"""What a graph belongs to, and how it is submitted: a pipeline, or the stored definition of a run."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Optional

from azud.model.codec import from_json
from azud.model.definition import PipelineDefinition
from azud.sdk.exceptions import UserErrorException
from azud.sdk.graph.applying import applied
from azud.sdk.graph.graphs import Graph
from azud.sdk.graph.making import graph_of
from azud.sdk.parameter import PipelineParameter

if TYPE_CHECKING:
    from azud.sdk.compiling import Source
    from azud.sdk.experiment import Experiment
    from azud.sdk.pipeline import Pipeline
    from azud.sdk.pipeline_run import PipelineRun
    from azud.sdk.workspace import Workspace


class GraphContext(abc.ABC):
    """Base of what graphs belong to."""

    def __init__(self, workspace: Workspace) -> None:
        """Keep the workspace."""
        self.workspace = workspace

    @abc.abstractmethod
    def submit(self, graph: Graph, experiment_name: Optional[str], **options: Any) -> PipelineRun:
        """Submit the graph to the experiment, or to the one that the context knows.

        Args:
            graph: Of this context.
            experiment_name: Or None.
            **options: As `azud.sdk.submitting.submit_pipeline`.
        """

    @abc.abstractmethod
    def definition(self, graph: Graph) -> PipelineDefinition:
        """Return what the graph means now; of a pipeline without the digests of its source folders."""


class _Untaken(Mapping[str, "Source"]):
    """Source folders that nobody has looked into: a graph shows steps, not files."""

    def __getitem__(self, folder: str) -> Source:
        from azud.sdk.compiling import Source

        return Source("", {}, ())

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class PipelineContext(GraphContext):
    """A pipeline that was built: its source folders are taken when it is submitted."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Keep the pipeline."""
        super().__init__(pipeline.workspace)
        self._pipeline = pipeline

    def submit(self, graph: Graph, experiment_name: Optional[str], **options: Any) -> PipelineRun:
        """Submit the pipeline, which takes its graph's changes along."""
        from azud.sdk.experiment import Experiment
        from azud.sdk.submitting import submit_pipeline

        name = experiment_name or self._pipeline._experiment_name
        if not name:
            raise UserErrorException(
                "this graph knows no experiment",
                hint="use pipeline.submit(experiment_name), or graph.submit(experiment_name=…)",
            )
        return submit_pipeline(Experiment(self.workspace, name), self._pipeline, **options)

    def definition(self, graph: Graph) -> PipelineDefinition:
        """Return what the pipeline means now."""
        from azud.sdk.compiling import compile_pipeline

        return compile_pipeline(self._pipeline, _Untaken())


class RunContext(GraphContext):
    """A pipeline run: what was submitted then, snapshots included."""

    def __init__(self, experiment: Experiment, definition: PipelineDefinition) -> None:
        """Keep both."""
        super().__init__(experiment.workspace)
        self._experiment, self._definition = experiment, definition

    def submit(self, graph: Graph, experiment_name: Optional[str], **options: Any) -> PipelineRun:
        """Submit the definition again, with the graph's changes."""
        from azud.sdk.experiment import Experiment
        from azud.sdk.submitting import submit_stored

        experiment = self._experiment
        if experiment_name and experiment_name != experiment.name:
            experiment = Experiment(self.workspace, experiment_name)
        return submit_stored(experiment, self.definition(graph), **options)

    def definition(self, graph: Graph) -> PipelineDefinition:
        """Return what was submitted, with the graph's changes."""
        return applied(graph, self._definition)


def graph_of_pipeline(pipeline: Pipeline) -> Graph:
    """Return the graph of a pipeline."""
    from azud.sdk.compiling import compile_pipeline

    definition = compile_pipeline(pipeline, _Untaken())
    return graph_of(definition, PipelineContext(pipeline), pipeline._wiring.parameters)


def graph_of_run(run: PipelineRun) -> Graph:
    """Return the graph of a pipeline run, as it was submitted."""
    definition = from_json(PipelineDefinition, run._api.get(f"/runs/{run.id}/definition"))
    workspace = run.experiment.workspace
    parameters = {
        item.name: PipelineParameter(item.name, default_of(workspace, item.type, item.default))
        for item in definition.parameters
    }
    return graph_of(definition, RunContext(run.experiment, definition), parameters)


def default_of(workspace: Workspace, kind: str, default: Any) -> Any:
    """Return a parameter's default as the SDK has it.

    Args:
        workspace: Where its data are.
        kind: As `azud.model.definition.ParameterDefinition.type`.
        default: Its JSON form.
    """
    if kind == "datapath":
        from azud.sdk.datapath import DataPath
        from azud.sdk.datastore import Datastore

        return DataPath(Datastore.get(workspace, default["datastore"]), default["path"])
    if kind == "dataset":
        from azud.sdk.dataset import dataset_of_record

        if "registered" in default:
            from azud.sdk.dataset_consumption import DatasetConsumptionConfig

            asked = (workspace, default["registered"], default.get("version") or "latest")
            return DatasetConsumptionConfig("registered", asked)
        return dataset_of_record(workspace, default if "definition" in default else {"definition": default})
    return float(default) if kind == "float" else default
