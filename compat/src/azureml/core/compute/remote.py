"""`azureml.core.compute.remote`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "RemoteCompute": "compute",
        "RemoteComputeAttachConfiguration": "compute",
    },
)
