"""The ports of nodes, and the edges between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import DefinitionValueError, NotYetError
from azud.sdk.graph.definitions import InputPortDef, ModuleDef, OutputPortDef

if TYPE_CHECKING:
    from azud.sdk.graph.nodes import Node

_INPUT_MODES = ("mount", "download", "direct")
_OUTPUT_MODES = ("mount", "upload")


class Edge:
    """Data, or order, from one node to another."""

    def __init__(self, source_port: OutputPort, dest_port: InputPort) -> None:
        """Keep both ends; `connect` of a port is what changes a graph."""
        self._source_port, self._dest_port = source_port, dest_port

    @property
    def source_port(self) -> OutputPort:
        """Where it starts."""
        return self._source_port

    @property
    def dest_port(self) -> InputPort:
        """Where it ends."""
        return self._dest_port

    def __repr__(self) -> str:
        return f"{self._source_port!r} → {self._dest_port!r}"


class _Port:
    """What both kinds share. `_changes` holds what was set by hand, in the words of `azud.model.definition`."""

    _changes: Dict[str, Any]
    _modes: Tuple[str, ...] = _INPUT_MODES

    def __init__(self, node: Node, name: str, settings: Dict[str, Any]) -> None:
        self._node, self._name = node, name
        self._settings, self._changes = settings, {}

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def node(self) -> Node:
        """The node that has the port."""
        return self._node

    @property
    def bind_mode(self) -> Optional[str]:
        """How the job sees the data."""
        return self._text("mode")

    @bind_mode.setter
    def bind_mode(self, value: str) -> None:
        if value not in self._modes:
            raise DefinitionValueError(f"{self!r}: invalid mode {value!r}", hint=f"use {' or '.join(self._modes)}")
        self._changes["mode"] = value

    @property
    def path_on_compute(self) -> Optional[str]:
        """Where a download is put, or an upload is taken from."""
        return self._text("path_on_compute")

    @path_on_compute.setter
    def path_on_compute(self, value: Optional[str]) -> None:
        self._changes["path_on_compute"] = value

    def _get(self, field: str) -> Any:
        return self._changes.get(field, self._settings.get(field))

    def _text(self, field: str) -> Optional[str]:
        found: Optional[str] = self._get(field)
        return found

    def _flag(self, field: str) -> Optional[bool]:
        found: Optional[bool] = self._get(field)
        return found

    def __repr__(self) -> str:
        return f"{self._node.name}.{self._name}"


class InputPort(_Port):
    """An input of a node. What is set here counts when the graph is submitted."""

    def __init__(self, node: Node, input_port_def: InputPortDef) -> None:
        """Start without an edge."""
        settings = {
            "mode": input_port_def.default_datastore_mode,
            "path_on_compute": input_port_def.default_path_on_compute,
            "overwrite": input_port_def.default_overwrite,
        }
        super().__init__(node, input_port_def.name, settings)
        self._def = input_port_def
        self._edge: Optional[Edge] = None
        self._made_edge: Optional[Edge] = None

    @property
    def input_port_def(self) -> InputPortDef:
        """What the port is like."""
        return self._def

    @property
    def data_types(self) -> List[str]:
        """The kinds of data that are taken."""
        found: List[str] = self._def.data_types
        return found

    @property
    def incoming_edge(self) -> Optional[Edge]:
        """The edge that ends here, or None."""
        return self._edge

    @property
    def additional_transformations(self) -> Any:
        """How the files are read, for tables."""
        return self._def.additional_transformations

    @property
    def overwrite(self) -> Optional[bool]:
        """As given; downloads are private copies here, so it has no effect."""
        return self._flag("overwrite")

    @overwrite.setter
    def overwrite(self, value: Optional[bool]) -> None:
        self._settings["overwrite"] = value

    @property
    def data_reference_name(self) -> str:
        """The name in `$AZUREML_DATAREFERENCE_<name>`."""
        return self._name

    @data_reference_name.setter
    def data_reference_name(self, value: str) -> None:
        if value != self._name:
            raise NotYetError(f"azud does not have InputPort.data_reference_name other than the port's ({self!r}) yet")

    def connect(self, source_port: OutputPort) -> Edge:
        """Take the data of an output of the same graph, in the place of what is connected now; returns the edge.

        Raises:
            ValueError: This is no output of the graph, or one port is hidden and the other is not.
        """
        if not isinstance(source_port, OutputPort) or source_port.node._graph is not self._node._graph:
            raise DefinitionValueError(f"{source_port!r} is no output of this graph", hint="use node.get_output(name)")
        is_order = self.name.startswith(ModuleDef.fake_input_prefix)
        if is_order != (source_port.name == ModuleDef.fake_output_name):
            raise DefinitionValueError(
                f"{source_port!r} cannot be connected to {self!r}", hint="use node.run_after(node)"
            )
        self.disconnect()
        self._edge = Edge(source_port, self)
        self._node._graph._edges.append(self._edge)
        return self._edge

    def disconnect(self) -> None:
        """Take away the edge that ends here, if there is one."""
        if self._edge is not None:
            self._node._graph._edges.remove(self._edge)
            self._edge = None


class OutputPort(_Port):
    """An output of a node. What is set here counts when the graph is submitted."""

    _modes = _OUTPUT_MODES

    def __init__(self, node: Node, output_port_def: OutputPortDef) -> None:
        """Take what the definition says."""
        settings = {
            "mode": output_port_def.default_datastore_mode,
            "path_on_compute": output_port_def.default_path_on_compute,
            "overwrite": output_port_def.default_overwrite,
            "datastore": output_port_def.default_datastore_name,
        }
        super().__init__(node, output_port_def.name, settings)
        self._def = output_port_def

    @property
    def data_type(self) -> Optional[str]:
        """The kind of data."""
        found: Optional[str] = self._def.data_type
        return found

    @property
    def datastore_name(self) -> Optional[str]:
        """The datastore; None for the pipeline's default one."""
        return self._text("datastore")

    @datastore_name.setter
    def datastore_name(self, value: Optional[str]) -> None:
        self._changes["datastore"] = value

    @property
    def overwrite(self) -> Optional[bool]:
        """Whether an upload may replace what is there."""
        return self._flag("overwrite")

    @overwrite.setter
    def overwrite(self, value: Optional[bool]) -> None:
        self._changes["overwrite"] = bool(value)

    @property
    def pipeline_output_name(self) -> Optional[str]:
        """The name for `PipelineRun.get_pipeline_output`."""
        return self._text("pipeline_output_name")

    @pipeline_output_name.setter
    def pipeline_output_name(self, value: Optional[str]) -> None:
        self._changes["pipeline_output_name"] = value

    @property
    def dataset_registration(self) -> Any:
        """The `DatasetRegistration` of the output, or None."""
        from azud.sdk.pipeline_output_dataset import DatasetRegistration

        asked = self._get("register_as")
        return None if asked is None else DatasetRegistration(asked["name"], True)

    @dataset_registration.setter
    def dataset_registration(self, value: Any) -> None:
        if value is not None and not value.create_new_version:
            raise NotYetError("azud does not have OutputPort.dataset_registration without new versions yet")
        self._changes["register_as"] = value and {"name": value.name, "description": "", "tags": {}}

    @property
    def dataset_output(self) -> Any:
        """None: azud keeps what an output dataset is like in the output itself."""
        return None

    @dataset_output.setter
    def dataset_output(self, value: Any) -> None:
        if value is not None:
            raise NotYetError("azud does not have OutputPort.dataset_output yet")

    def connect(self, dest_port: InputPort) -> Edge:
        """Give the data to an input of the same graph; see `InputPort.connect`."""
        return dest_port.connect(self)
