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
        "PortDataReference": "pipeline_run",
        "TrainingOutput": "pipeline_data",
    },
)
