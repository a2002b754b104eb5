"""`azureml.core.compute.compute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ComputeTarget": "compute",
    },
    absent={
        "ComputeTargetAttachConfiguration": "compute",
        "ComputeTargetProvisioningConfiguration": "compute",
        "ComputeTargetUpdateConfiguration": "compute",
    },
)
