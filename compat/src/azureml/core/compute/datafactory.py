"""`azureml.core.compute.datafactory`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DataFactoryAttachConfiguration": "compute.datafactory",
        "DataFactoryCompute": "compute.datafactory",
        "DataFactoryProvisioningConfiguration": "compute.datafactory",
    },
)
