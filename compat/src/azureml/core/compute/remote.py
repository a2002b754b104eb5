"""`azureml.core.compute.remote`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "RemoteCompute": "compute.remote",
        "RemoteComputeAttachConfiguration": "compute.remote",
    },
)
