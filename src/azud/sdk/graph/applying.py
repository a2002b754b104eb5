"""What was changed in a graph by hand, laid over the definition that the graph was made of."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, List, Tuple

from azud.model.data import DataLocation, DatasetDefinition
from azud.model.definition import (
    Argument,
    InputPort,
    OutputPort,
    ParameterDefinition,
    PipelineDefinition,
    StepDefinition,
)
from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.graph.definitions import Param
from azud.sdk.graph.graphs import Graph, is_order
from azud.sdk.graph.nodes import DataSourceNode, Node
from azud.sdk.graph.ports import InputPort as GraphInput
from azud.sdk.graph.sources import CLEARED
from azud.sdk.parameter import PipelineParameter, parameter_value


def applied(graph: Graph, definition: PipelineDefinition) -> PipelineDefinition:
    """Return the definition with the graph's edges, ports and parameters; itself if nothing was changed.

    Args:
        graph: Made of a definition with the same steps.
        definition: Of the same pipeline, perhaps compiled later: its snapshots and newest datasets count.

    Raises:
        ValueError: An input is not connected, or a parameter of the pipeline has another default.
    """
    steps = tuple(_step(graph._nodes[step.id], step) for step in definition.steps)
    parameters = _parameters(graph, definition.parameters)
    if steps == definition.steps and parameters == definition.parameters:
        return definition
    return dataclasses.replace(definition, steps=steps, parameters=parameters)


def _step(node: Node, step: StepDefinition) -> StepDefinition:
    return dataclasses.replace(
        step,
        inputs=tuple(_input(node._inputs[port.name], port) for port in step.inputs),
        outputs=tuple(_output(node, port) for port in step.outputs),
        run_after=_run_after(node),
        parameters={name: _argument(node._params[name], value) for name, value in step.parameters.items()},
    )


def _run_after(node: Node) -> Tuple[str, ...]:
    edges = (port.incoming_edge for port in node.inputs if is_order(port.name))
    return tuple(dict.fromkeys(edge.source_port.node.node_id for edge in edges if edge is not None))


def _input(port: GraphInput, base: InputPort) -> InputPort:
    changes = {field: value for field, value in port._changes.items() if field != "overwrite"}
    if port._edge is not port._made_edge:
        changes.update(_origin(port, base))
    return dataclasses.replace(base, **changes) if changes else base


def _origin(port: GraphInput, base: InputPort) -> Dict[str, Any]:
    """Return the fields that say where an input that was connected anew comes from."""
    edge = port.incoming_edge
    if edge is None:
        raise DefinitionValueError(f"input {port.name!r} of step {port.node.name!r} is not connected")
    start = edge.source_port
    reader = dict(base.dataset.reader if base.dataset is not None else base.reader)
    if not isinstance(start.node, DataSourceNode):
        return dict(CLEARED, step=start.node.node_id, output=start.name, reader=reader)
    if start.node.datapath_param_name is not None:
        return dict(CLEARED, parameter=start.node.datapath_param_name)
    assert start.node.datasource_def is not None  # noqa: S101 - such a node has one
    fields = start.node.datasource_def._origin()
    if base.kind == "dataset" and fields["dataset"] is None and fields["registered"] is None:
        # The script asks for a dataset, so the place becomes one, read as before.
        place = DataLocation(fields["datastore"], fields["path"])
        made = DatasetDefinition("tabular" if reader else "file", (place,), reader=reader)
        fields = dict(CLEARED, dataset=made)
    return dict(fields, reader={})


def _output(node: Node, base: OutputPort) -> OutputPort:
    changes = node._outputs[base.name]._changes
    return dataclasses.replace(base, **changes) if changes else base


def _argument(param: Param, base: Argument) -> Argument:
    if not param._is_changed:
        return base
    if isinstance(param.value, PipelineParameter):
        return Argument("parameter", param.value.name)
    return Argument("literal", str(param.value))


def _parameters(graph: Graph, known: Tuple[ParameterDefinition, ...]) -> Tuple[ParameterDefinition, ...]:
    """Return the pipeline's parameters, with those that were given to steps by hand."""
    found = {item.name: item for item in known}
    given: List[PipelineParameter] = [
        param.value
        for node in graph.module_nodes
        for param in node.params.values()
        if param._is_changed and isinstance(param.value, PipelineParameter)
    ]
    for item in given:
        made = ParameterDefinition(item.name, item._type, parameter_value(item.name, item.default_value))
        if found.setdefault(item.name, made) != made:
            raise DefinitionValueError(
                f"pipeline parameter {item.name!r} has two defaults: {found[item.name].default!r} and {made.default!r}"
            )
    return tuple(found.values())
