"""`azureml.pipeline.core`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "InputPortBinding": "pipeline_data",
        "OutputPortBinding": "pipeline_data",
        "Pipeline": "pipeline",
        "PipelineData": "pipeline_data",
        "PipelineParameter": "parameter",
        "PipelineRun": "pipeline_run",
        "PipelineStep": "step",
        "PortDataReference": "pipeline_run",
        "StepRun": "pipeline_run",
        "StepRunOutput": "pipeline_run",
        "StepSequence": "step",
        "TrainingOutput": "pipeline_data",
    },
)
