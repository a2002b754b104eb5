"""`azureml.pipeline.core.graph`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Edge": "graph",
        "Graph": "graph",
        "ModuleNode": "graph",
        "Node": "graph",
        "DataSourceNode": "graph",
        "InputPortBinding": "pipeline_data",
        "OutputPortBinding": "pipeline_data",
        "PipelineParameter": "parameter",
        "PortDataReference": "run_outputs",
        "StoredProcedureParameter": "sql_data_reference",
        "StoredProcedureParameterType": "sql_data_reference",
        "TrainingOutput": "pipeline_data",
    },
    absent={
        "DataSource": "definitions",
        "DataSourceDef": "definitions",
        "DataType": "definitions",
        "InputPort": "definitions",
        "InputPortDef": "definitions",
        "Module": "definitions",
        "ModuleDef": "definitions",
        "OutputPort": "definitions",
        "OutputPortDef": "definitions",
        "Param": "definitions",
        "ParamDef": "definitions",
        "PipelineDataset": "datasets",
        "PublishedPipeline": "publishing",
    },
)
