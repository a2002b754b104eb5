"""`azureml.core.compute.synapse`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "SynapseAttachConfiguration": "compute.synapse",
        "SynapseCompute": "compute.synapse",
    },
)
