"""`azureml.core.compute.compute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ComputeTarget": "compute",
        "ComputeTargetAttachConfiguration": "compute.configurations",
        "ComputeTargetProvisioningConfiguration": "compute.configurations",
        "ComputeTargetUpdateConfiguration": "compute.configurations",
    },
)
