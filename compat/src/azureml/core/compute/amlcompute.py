"""`azureml.core.compute.amlcompute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AmlCompute": "compute",
        "AmlComputeProvisioningConfiguration": "compute",
        "AmlComputeStatus": "compute",
        "ScaleSettings": "compute",
    },
    absent={
        "AmlComputeNodeStateCounts": "compute",
    },
)
