"""`Graph`: a pipeline to look at. It describes; `Pipeline` is what is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, ValuesView

from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.pipeline import Pipeline


class Port:
    """An input or output of a node."""

    def __init__(self, node: Node, name: str) -> None:
        """Keep both."""
        self.node, self.name = node, name

    def __repr__(self) -> str:
        return f"{self.node.name}.{self.name}"


class Edge:
    """Data, or order, from one node to another."""

    def __init__(self, source_port: Port, dest_port: Port) -> None:
        """Keep both ends."""
        self._source_port, self._dest_port = source_port, dest_port

    @property
    def source_port(self) -> Port:
        """Where it starts."""
        return self._source_port

    @property
    def dest_port(self) -> Port:
        """Where it ends."""
        return self._dest_port

    def __repr__(self) -> str:
        return f"{self._source_port!r} → {self._dest_port!r}"


class Node:
    """A step or a source of data in a graph."""

    def __init__(self, graph: Graph, node_id: str, name: str) -> None:
        """Start without ports."""
        self._graph, self._node_id, self._name = graph, node_id, name
        self._inputs: Dict[str, Port] = {}
        self._outputs: Dict[str, Port] = {}
        self._params: Dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The step's name, or the data's."""
        return self._name

    @property
    def node_id(self) -> str:
        """The step's id in the definition (`n1`), or `d1` … for data."""
        return self._node_id

    @property
    def input_dict(self) -> Dict[str, Port]:
        """Inputs by name, order included."""
        return self._inputs

    @property
    def inputs(self) -> ValuesView[Port]:
        """Inputs."""
        return self._inputs.values()

    @property
    def output_dict(self) -> Dict[str, Port]:
        """Outputs by name, order included."""
        return self._outputs

    @property
    def outputs(self) -> ValuesView[Port]:
        """Outputs."""
        return self._outputs.values()

    @property
    def params(self) -> Dict[str, Any]:
        """The step's parameters."""
        return self._params

    def get_input(self, name: str) -> Port:
        """Return an input.

        Raises:
            KeyError: The node has none of that name.
        """
        return self._inputs[name]

    def get_output(self, name: str) -> Port:
        """Return an output.

        Raises:
            KeyError: The node has none of that name.
        """
        return self._outputs[name]

    def get_param(self, name: str) -> Any:
        """Return a parameter."""
        return self._params.get(name)

    def _input(self, name: str) -> Port:
        return self._inputs.setdefault(name, Port(self, name))

    def _output(self, name: str) -> Port:
        return self._outputs.setdefault(name, Port(self, name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r}, {self._node_id})"


class ModuleNode(Node):
    """A step."""


class DataSourceNode(Node):
    """Data that no step of the pipeline makes."""


class Graph:
    """The nodes and edges of a pipeline."""

    def __init__(self, name: str, context: Any = None) -> None:
        """Start empty."""
        self._name = name
        self._nodes: Dict[str, Node] = {}
        self._edges: List[Edge] = []
        self._params: Dict[str, Any] = {}
        self._pipeline: Optional[Pipeline] = context

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
    def params(self) -> Dict[str, Any]:
        """Pipeline parameters by name."""
        return dict(self._params)

    def get_node(self, node_id: str) -> Node:
        """Return a node.

        Raises:
            KeyError: The graph has none of that id.
        """
        return self._nodes[node_id]

    def validate(self) -> List[str]:
        """Return what is wrong with the pipeline; [] is valid."""
        return self._pipeline._faults() if self._pipeline is not None else []

    submit = not_yet("Graph.submit (use Pipeline.submit)")
    finalize = not_yet("Graph.finalize")
    generate_yaml = not_yet("Graph.generate_yaml")


def graph_of(pipeline: Pipeline) -> Graph:
    """Return the graph of a pipeline: steps in creation order, then data, edges as in the definition."""
    graph = Graph(pipeline._description or "", pipeline)
    wiring = pipeline._wiring
    for item in wiring.steps:
        node: Node = ModuleNode(graph, item.id, item.step.name)
        graph._nodes[item.id] = node
        node._params.update(item.step._params)
        for name, _ in item.outputs:
            node._output(name)
    sources: Dict[str, Node] = {}
    for item in wiring.steps:
        node = graph._nodes[item.id]
        for port in item.inputs:
            if "step" in port:
                start = graph._nodes[port["step"]]._output(port["output"])
            else:
                start = _source_node(graph, sources, port)._output("output")
            graph._edges.append(Edge(start, node._input(port["name"])))
        for number, other in enumerate(item.run_after):
            start = graph._nodes[other]._output("_run_after_output")
            graph._edges.append(Edge(start, node._input(f"_run_after_input_{number}")))
    graph._params.update(wiring.parameters)
    return graph


def _source_node(graph: Graph, sources: Dict[str, Node], port: Dict[str, Any]) -> Node:
    key = repr([port.get(name) for name in ("datastore", "path", "dataset", "parameter")]) + (
        repr(port["source"]) if port.get("latest") else ""
    )
    if key not in sources:
        node = DataSourceNode(graph, f"d{len(sources) + 1}", port["name"])
        sources[key] = graph._nodes[node.node_id] = node
    return sources[key]
