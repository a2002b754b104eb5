"""`azureml.pipeline.core.graph`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DataSource": "graph.sources",
        "DataSourceDef": "graph.sources",
        "DataSourceNode": "graph.nodes",
        "DataType": "graph.definitions",
        "Edge": "graph.ports",
        "Graph": "graph.graphs",
        "InputPort": "graph.ports",
        "InputPortDef": "graph.definitions",
        "Module": "graph.definitions",
        "ModuleDef": "graph.definitions",
        "ModuleNode": "graph.nodes",
        "Node": "graph.nodes",
        "OutputPort": "graph.ports",
        "OutputPortDef": "graph.definitions",
        "Param": "graph.definitions",
        "ParamDef": "graph.definitions",
        "PipelineDataset": "graph.sources",
        "InputPortBinding": "input_binding",
        "OutputPortBinding": "pipeline_data",
        "PipelineParameter": "parameter",
        "PortDataReference": "run_outputs",
        "StoredProcedureParameter": "sql_data_reference",
        "StoredProcedureParameterType": "sql_data_reference",
        "TrainingOutput": "training_output",
    },
    absent={
        "PublishedPipeline": "publishing",
    },
)
