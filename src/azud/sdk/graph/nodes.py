"""The nodes of a graph: steps, and data that no step makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, ValuesView

from azud.sdk.exceptions import DefinitionValueError, NotYetError
from azud.sdk.graph.definitions import Module, ModuleDef, Param
from azud.sdk.graph.ports import InputPort, OutputPort
from azud.sdk.graph.sources import DataSource, DataSourceDef

if TYPE_CHECKING:
    from azud.sdk.graph.graphs import Graph


class Node:
    """A step or a source of data in a graph."""

    def __init__(
        self,
        graph: Graph,
        node_id: str,
        name: Optional[str] = None,
        module: Optional[Module] = None,
        module_builder: Any = None,
        datasource: Optional[DataSource] = None,
        datasource_builder: Any = None,
        module_wiring: Any = None,
    ) -> None:
        """Make the ports and parameters that the module or source has.

        Raises:
            NotYetError: A builder or a wiring is given: azud makes graphs of steps.
        """
        if module_builder is not None or datasource_builder is not None or module_wiring is not None:
            raise NotYetError("azud does not have nodes of graphs that builders make yet; use steps")
        self._graph, self._node_id = graph, node_id
        self._module_def: Optional[ModuleDef] = module.module_def if module else None
        self._datasource_def: Optional[DataSourceDef] = datasource.datasource_def if datasource else None
        described = self._module_def or self._datasource_def
        self._name = name or (described.name if described else node_id)
        self._inputs: Dict[str, InputPort] = {}
        self._outputs: Dict[str, OutputPort] = {}
        self._params: Dict[str, Param] = {}
        if self._module_def is not None:
            for item in self._module_def.input_port_defs:
                self._inputs[item.name] = InputPort(self, item)
            for item in self._module_def.output_port_defs:
                self._outputs[item.name] = OutputPort(self, item)
            for item in self._module_def.param_defs:
                self._params[item.name] = Param(item)
        if self._datasource_def is not None:
            port = self._datasource_def.output_port_def
            self._outputs[port.name] = OutputPort(self, port)

    @property
    def name(self) -> str:
        """The step's name, or the data's."""
        return self._name

    @property
    def node_id(self) -> str:
        """The step's id in the definition (`n1`), or `d1` … for data."""
        return self._node_id

    @property
    def module_def(self) -> Optional[ModuleDef]:
        """What the step is like; None for data."""
        return self._module_def

    @property
    def datasource_def(self) -> Optional[DataSourceDef]:
        """Where the data are; None for a step."""
        return self._datasource_def

    @property
    def input_dict(self) -> Dict[str, InputPort]:
        """Inputs by name, order included."""
        return self._inputs

    @property
    def inputs(self) -> ValuesView[InputPort]:
        """Inputs."""
        return self._inputs.values()

    @property
    def output_dict(self) -> Dict[str, OutputPort]:
        """Outputs by name, order included."""
        return self._outputs

    @property
    def outputs(self) -> ValuesView[OutputPort]:
        """Outputs."""
        return self._outputs.values()

    @property
    def params(self) -> Dict[str, Param]:
        """The step's parameters by name."""
        return self._params

    def get_input(self, name: str) -> InputPort:
        """Return an input.

        Raises:
            KeyError: The node has none of that name.
        """
        return self._inputs[name]

    def get_output(self, name: str) -> OutputPort:
        """Return an output.

        Raises:
            KeyError: The node has none of that name.
        """
        return self._outputs[name]

    def get_param(self, name: str) -> Optional[Param]:
        """Return a parameter, or None."""
        return self._params.get(name)

    def run_after(self, node: Node) -> None:
        """Start this step only when another has ended, without handing over data.

        Raises:
            ValueError: One of them is no step of the graph.
        """
        for item in (self, node):
            if getattr(item, "_module_def", None) is None or item._graph is not self._graph:
                raise DefinitionValueError(f"{item!r} is no step of this graph, so nothing waits for it, nor it")
        assert self._module_def is not None  # noqa: S101 - looked at above
        port = InputPort(self, self._module_def.add_fake_sequencing_input_port())
        self._inputs[port.name] = port
        port.connect(node._outputs[ModuleDef.fake_output_name])

    def sequence(self, nodes: List[Node]) -> None:
        """Start the nodes one after the other, the first of them after this one."""
        self._graph.sequence([self, *nodes])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r}, {self._node_id})"


class ModuleNode(Node):
    """A step."""

    def __init__(
        self,
        graph: Graph,
        node_id: str,
        name: Optional[str] = None,
        module: Optional[Module] = None,
        module_builder: Any = None,
        module_wiring: Any = None,
        runconfig: Any = None,
        cloud_settings: Any = None,
        regenerate_outputs: Optional[bool] = None,
    ) -> None:
        """Not for users: a graph makes its nodes."""
        super().__init__(graph, node_id, name, module, module_builder, module_wiring=module_wiring)


class DataSourceNode(Node):
    """Data that no step of the pipeline makes."""

    def __init__(
        self,
        graph: Graph,
        node_id: str,
        name: Optional[str] = None,
        datasource: Optional[DataSource] = None,
        datasource_builder: Any = None,
        datapath_param_name: Optional[str] = None,
    ) -> None:
        """Not for users: `Graph.add_datasource_node` makes these."""
        super().__init__(graph, node_id, name, datasource=datasource, datasource_builder=datasource_builder)
        self.datapath_param_name = datapath_param_name
