"""`azureml.pipeline.steps.azurebatch_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AzureBatchStep": "steps",
    },
)
