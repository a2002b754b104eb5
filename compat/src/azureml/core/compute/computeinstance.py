"""`azureml.core.compute.computeinstance`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "ComputeInstance": "compute",
        "ComputeInstanceProvisioningConfiguration": "compute",
        "ComputeInstanceStatus": "compute",
    },
)
