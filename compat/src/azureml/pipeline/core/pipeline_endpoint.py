"""`azureml.pipeline.core.pipeline_endpoint`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "PipelineEndpoint": "publishing",
        "PipelineIdVersion": "publishing",
        "PipelineVersion": "publishing",
    },
)
