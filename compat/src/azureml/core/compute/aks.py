"""`azureml.core.compute.aks`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AksAttachConfiguration": "compute",
        "AksCompute": "compute",
        "AksProvisioningConfiguration": "compute",
        "AksUpdateConfiguration": "compute",
        "SslConfiguration": "compute",
        "SystemService": "compute",
    },
)
