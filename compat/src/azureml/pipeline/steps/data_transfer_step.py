"""`azureml.pipeline.steps.data_transfer_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DataTransferStep": "data_transfer_step",
    },
)
