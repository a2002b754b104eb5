"""`azureml.core.compute.aks`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AksAttachConfiguration": "compute.aks_configuration",
        "AksCompute": "compute.aks",
        "AksProvisioningConfiguration": "compute.aks_configuration",
        "AksUpdateConfiguration": "compute.aks_configuration",
        "SslConfiguration": "compute.aks_serving",
        "SystemService": "compute.aks_serving",
    },
)
