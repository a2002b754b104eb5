"""`azureml.core.keyvault`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "KeyVaultContentType": "keyvault",
        "Keyvault": "keyvault",
    },
)
