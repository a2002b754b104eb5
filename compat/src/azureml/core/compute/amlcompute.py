"""`azureml.core.compute.amlcompute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AmlCompute": "compute",
        "AmlComputeProvisioningConfiguration": "compute_status",
        "AmlComputeStatus": "compute_status",
        "ScaleSettings": "compute_status",
    },
    absent={
        "AmlComputeNodeStateCounts": "compute",
    },
)
