"""`Graph`: a pipeline, or that of a run, to look at, to change, and to submit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, ValuesView

from azud.sdk.exceptions import DefinitionValueError, UserErrorException
from azud.sdk.graph.definitions import ModuleDef
from azud.sdk.graph.nodes import DataSourceNode, ModuleNode, Node
from azud.sdk.graph.ports import Edge
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.graph.contexts import GraphContext
    from azud.sdk.graph.sources import DataSource
    from azud.sdk.parameter import PipelineParameter
    from azud.sdk.pipeline_run import PipelineRun

_SUBMIT_KEYWORDS = {"experiment_name", "tags", "pipeline_params", "enable_email_notification", "credential_passthrough"}


class Graph:
    """The nodes and edges of a pipeline. Ports, parameters and order that are changed here are what is submitted."""

    def __init__(self, name: str, context: Any) -> None:
        """Not for users: `Pipeline.graph` and `PipelineRun.get_graph` make graphs.

        Args:
            name: The pipeline's description.
            context: `azud.sdk.graph.contexts.GraphContext`: what is submitted; None for a graph to look at.
        """
        self._name = name
        self._context: Optional[GraphContext] = context
        self._nodes: Dict[str, Node] = {}
        self._edges: List[Edge] = []
        self._params: Dict[str, PipelineParameter] = {}
        self._regenerate = False

    @property
    def nodes(self) -> ValuesView[Node]:
        """All nodes."""
        return self._nodes.values()

    @property
    def module_nodes(self) -> ValuesView[Node]:
        """The steps."""
        return {key: node for key, node in self._nodes.items() if isinstance(node, ModuleNode)}.values()

    @property
    def datasource_nodes(self) -> ValuesView[Node]:
        """The data that no step makes."""
        return {key: node for key, node in self._nodes.items() if isinstance(node, DataSourceNode)}.values()

    @property
    def node_dict(self) -> Dict[str, Node]:
        """Nodes by id."""
        return dict(self._nodes)

    @property
    def node_name_dict(self) -> Dict[str, List[Node]]:
        """Nodes by name, which several may share."""
        found: Dict[str, List[Node]] = {}
        for node in self._nodes.values():
            found.setdefault(node.name, []).append(node)
        return found

    @property
    def edges(self) -> List[Edge]:
        """All edges."""
        return list(self._edges)

    @property
    def params(self) -> Dict[str, PipelineParameter]:
        """Pipeline parameters by name."""
        return dict(self._params)

    def get_node(self, node_id: str) -> Node:
        """Return a node.

        Raises:
            KeyError: The graph has none of that id.
        """
        return self._nodes[node_id]

    def sequence(self, nodes: List[Node]) -> None:
        """Start the nodes one after the other, without handing over data.

        Raises:
            ValueError: One of them is no step of the graph.
        """
        for before, node in zip(nodes, nodes[1:]):
            node.run_after(before)

    def add_datasource_node(
        self,
        name: str,
        datasource: Optional[DataSource] = None,
        datasource_builder: Any = None,
        datapath_param_name: Optional[str] = None,
    ) -> DataSourceNode:
        """Add data to connect inputs to: `node.get_input(name).connect(made.get_output("data"))`.

        Raises:
            ValueError: No data source.
            NotYetError: A builder, or a parameter for the path.
        """
        if datapath_param_name is not None:
            not_yet("Graph.add_datasource_node(datapath_param_name=…)")()
        if datasource is None and datasource_builder is None:
            raise DefinitionValueError(f"data node {name!r} has no data", hint="give a DataSource")
        numbers = [int(node_id[1:]) for node_id, node in self._nodes.items() if isinstance(node, DataSourceNode)]
        node = DataSourceNode(self, f"d{max(numbers, default=0) + 1}", name, datasource, datasource_builder)
        self._nodes[node.node_id] = node
        return node

    add_module_node = not_yet("Graph.add_module_node", "definitions")

    def delete_node(self, node_id: str) -> None:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("Graph.delete_node: make the pipeline without that step")

    def connect(self, source_port: Any, dest_port: Any) -> None:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("Graph.connect: use connect of a port")

    def validate(self) -> List[str]:
        """Return what is wrong, one text for each fault; [] means that the graph can be submitted."""
        if not any(True for _ in self.module_nodes):
            return ["the pipeline has no steps"]
        faults = [
            f"input {port.name!r} of step {node.name!r} is not connected"
            for node in self.module_nodes
            for port in node.inputs
            if port.incoming_edge is None and not port.input_port_def.is_optional
        ]
        return faults + self._circle()

    def finalize(self, dry_run: Optional[bool] = None, regenerate_outputs: bool = False) -> None:
        """Check the graph and print its steps. Nothing is stored before it is submitted.

        Args:
            dry_run: Nothing is kept of this call.
            regenerate_outputs: Let the next `submit` run every step anew.

        Raises:
            ValueError: The graph cannot be submitted; says why.
        """
        faults = self.validate()
        if faults:
            raise DefinitionValueError("; ".join(faults), code="definition")
        for node in self.module_nodes:
            print(f"Step {node.name} is ready to be created [{node.node_id}]")
        self._regenerate = self._regenerate or (regenerate_outputs and not dry_run)

    def submit(
        self,
        pipeline_parameters: Optional[Dict[str, Any]] = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        parent_run_id: Optional[str] = None,
        **kwargs: Any,
    ) -> PipelineRun:
        """Submit the graph as it is now and return its run.

        Args:
            pipeline_parameters: Values by name.
            continue_on_step_failure: Let steps that do not need the failed one go on.
            regenerate_outputs: Run every step anew.
            parent_run_id: The run below which this one is shown.
            **kwargs: `tags` and `experiment_name`, azud's own: the experiment, where the graph knows none.

        Raises:
            ValueError: An unknown keyword, or a graph that cannot run.
            UserErrorException: No experiment is known, or as `Experiment.submit`.
        """
        unknown = set(kwargs) - _SUBMIT_KEYWORDS
        if unknown:
            raise DefinitionValueError(f"Graph.submit() has no parameter {sorted(unknown)[0]!r}")
        if self._context is None:
            raise UserErrorException("this graph belongs to no pipeline", hint="use Pipeline.graph")
        faults = self.validate()
        if faults:
            raise DefinitionValueError("; ".join(faults), hint="nothing was submitted", code="definition")
        return self._context.submit(
            self,
            kwargs.get("experiment_name"),
            parameters=pipeline_parameters or kwargs.get("pipeline_params"),
            tags=kwargs.get("tags"),
            continue_on_step_failure=continue_on_step_failure,
            regenerate_outputs=regenerate_outputs or self._regenerate,
            parent_run_id=parent_run_id,
        )

    generate_yaml = not_yet("Graph.generate_yaml")

    def _predecessors(self) -> Dict[str, Tuple[str, ...]]:
        found: Dict[str, List[str]] = {node.node_id: [] for node in self.module_nodes}
        for edge in self._edges:
            if isinstance(edge.source_port.node, ModuleNode):
                found[edge.dest_port.node.node_id].append(edge.source_port.node.node_id)
        return {node_id: tuple(dict.fromkeys(others)) for node_id, others in found.items()}

    def _circle(self) -> List[str]:
        from azud.planning.graph import find_cycle

        circle = find_cycle(self._predecessors())
        return [circle_fault(circle, {key: node.name for key, node in self._nodes.items()})] if circle else []


def circle_fault(circle: List[str], names: Dict[str, str]) -> str:
    """Return the sentence that names steps which wait for each other, of ids whose first is repeated at the end."""
    shown = " → ".join(names[step_id] for step_id in circle)
    return f"Cycle detected including node {names[circle[0]]}({circle[0]}): {shown}"


def is_order(name: str) -> bool:
    """Return whether a port is one of the hidden ones by which steps wait for each other."""
    return name == ModuleDef.fake_output_name or name.startswith(ModuleDef.fake_input_prefix)
