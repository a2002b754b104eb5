"""`azureml.pipeline.core.run`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "PipelineRun": "pipeline_run",
        "StepRun": "pipeline_run",
        "StepRunOutput": "run_outputs",
    },
)
