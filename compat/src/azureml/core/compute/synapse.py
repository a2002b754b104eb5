"""`azureml.core.compute.synapse`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "SynapseAttachConfiguration": "compute",
        "SynapseCompute": "compute",
    },
)
