"""From a definition to its graph: steps in their order, then data, edges as in the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Mapping

from azud.model.codec import to_json
from azud.model.definition import Argument, InputPort, OutputPort, PipelineDefinition, StepDefinition
from azud.sdk.graph.definitions import ANY_FILE, InputPortDef, Module, ModuleDef, OutputPortDef, ParamDef
from azud.sdk.graph.graphs import Graph
from azud.sdk.graph.nodes import DataSourceNode, ModuleNode
from azud.sdk.graph.sources import DataSource, DataSourceDef, PipelineDataset

if TYPE_CHECKING:
    from azud.sdk.graph.contexts import GraphContext
    from azud.sdk.parameter import PipelineParameter


def graph_of(
    definition: PipelineDefinition, context: GraphContext, parameters: Mapping[str, PipelineParameter]
) -> Graph:
    """Return the graph of a definition.

    Args:
        definition: What the graph shows.
        context: What is submitted.
        parameters: The pipeline's, by name.
    """
    graph = Graph(definition.name, context)
    graph._params.update(parameters)
    for step in definition.steps:
        node = ModuleNode(graph, step.id, step.name, Module(step.id, _module_def(step)))
        graph._nodes[step.id] = node
        for name, argument in step.parameters.items():
            node._params[name].value = parameters.get(argument.value) if _is_open(argument) else argument.value
        for port in step.outputs:
            made = node._outputs[port.name]
            made._settings.update(pipeline_output_name=port.pipeline_output_name, register_as=port.register_as)
    sources: Dict[str, DataSourceNode] = {}
    for step in definition.steps:
        _connect(graph, step, sources, context)
    return graph


def _module_def(step: StepDefinition) -> ModuleDef:
    return ModuleDef(
        step.name,
        input_port_defs=[_input_def(port) for port in step.inputs],
        output_port_defs=[_output_def(port) for port in step.outputs],
        param_defs=[
            ParamDef(name, None if _is_open(argument) else argument.value, set_env_var=True)
            for name, argument in step.parameters.items()
        ],
        module_execution_type="escloud",
        allow_reuse=step.allow_reuse,
        version=step.version,
        step_type=step.type,
        arguments=[[argument.kind, argument.value] for argument in step.arguments],
    )


def _is_open(argument: Argument) -> bool:
    return argument.kind == "parameter"


def _input_def(port: InputPort) -> InputPortDef:
    return InputPortDef(
        port.name,
        default_datastore_mode=port.mode,
        default_path_on_compute=port.path_on_compute,
        default_data_reference_name=port.name,
        additional_transformations=dict(port.reader) or None,
    )


def _output_def(port: OutputPort) -> OutputPortDef:
    return OutputPortDef(
        port.name, port.datastore, port.mode, port.path_on_compute, False, port.data_type or ANY_FILE, port.overwrite
    )


def _connect(graph: Graph, step: StepDefinition, sources: Dict[str, DataSourceNode], context: GraphContext) -> None:
    node = graph._nodes[step.id]
    for port in step.inputs:
        if port.step is not None:
            start = graph._nodes[port.step]._outputs[port.output or ""]
        else:
            start = _source(graph, sources, port, context)._outputs[DataSource.DATASOURCE_PORT_NAME]
        made = node._inputs[port.name]
        made._made_edge = made.connect(start)
    for other in step.run_after:
        node.run_after(graph._nodes[other])


def _source(graph: Graph, sources: Dict[str, DataSourceNode], port: InputPort, context: GraphContext) -> DataSourceNode:
    named = (port.dataset_version, port.registered, port.registered_version)
    key = repr((port.datastore, port.path, port.dataset, *named, port.parameter))
    if key not in sources:
        described = DataSource(f"d{len(sources) + 1}", _source_def(port, context))
        node = DataSourceNode(graph, described.id, port.name, described, None, port.parameter)
        sources[key] = node
        graph._nodes[node.node_id] = node
    return sources[key]


def _source_def(port: InputPort, context: GraphContext) -> DataSourceDef:
    dataset: Any = None
    if port.dataset is not None:
        from azud.sdk.dataset import dataset_of_record

        record = {"name": port.dataset_name, "version": port.dataset_version, "id": port.dataset.saved_id()}
        found = dataset_of_record(context.workspace, dict(record, definition=to_json(port.dataset)))
        dataset = PipelineDataset(found, port.name, port.mode, port.path_on_compute)
    made = DataSourceDef(
        port.name, datastore_name=port.datastore, path_on_datastore=port.path, pipeline_dataset=dataset
    )
    if port.registered is not None:
        made._registered = port.registered, port.registered_version
    return made
