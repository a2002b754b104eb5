"""`azureml.pipeline.core.builder`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "PipelineData": "pipeline_data",
        "PipelineStep": "step",
        "StepSequence": "step",
    },
)
