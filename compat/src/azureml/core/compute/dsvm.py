"""`azureml.core.compute.dsvm`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DsvmCompute": "compute.dsvm",
        "DsvmProvisioningConfiguration": "compute.dsvm",
    },
)
