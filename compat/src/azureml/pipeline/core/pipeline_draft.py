"""`azureml.pipeline.core.pipeline_draft`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "PipelineDraft": "publishing",
    },
)
