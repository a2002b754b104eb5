"""`azureml.core.compute.datafactory`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "DataFactoryAttachConfiguration": "compute",
        "DataFactoryCompute": "compute",
        "DataFactoryProvisioningConfiguration": "compute",
    },
)
