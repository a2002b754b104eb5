"""`azureml.core.compute.computeinstance`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ComputeInstance": "compute.instance",
        "ComputeInstanceProvisioningConfiguration": "compute.instance",
        "ComputeInstanceStatus": "compute.instance",
    },
)
