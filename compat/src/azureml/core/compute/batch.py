"""`azureml.core.compute.batch`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "BatchAttachConfiguration": "compute.batch",
        "BatchCompute": "compute.batch",
    },
)
