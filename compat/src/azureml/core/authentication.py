"""`azureml.core.authentication`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AbstractAuthentication": "authentication",
        "AccessToken": "authentication",
        "ArmTokenAuthentication": "authentication",
        "Audience": "authentication",
        "AzureCliAuthentication": "authentication",
        "AzureMLTokenAuthentication": "authentication",
        "InteractiveLoginAuthentication": "authentication",
        "MsiAuthentication": "authentication",
        "ServicePrincipalAuthentication": "authentication",
        "TokenAuthentication": "authentication",
    },
)
