"""`azureml.core.compute.dsvm`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "DsvmCompute": "compute",
        "DsvmProvisioningConfiguration": "compute",
    },
)
