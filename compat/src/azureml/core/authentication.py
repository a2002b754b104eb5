"""`azureml.core.authentication`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AbstractAuthentication": "authentication",
        "InteractiveLoginAuthentication": "authentication",
        "AzureCliAuthentication": "authentication",
        "MsiAuthentication": "authentication",
        "ServicePrincipalAuthentication": "authentication",
    },
    absent={
        "AccessToken": "authentication",
        "ArmTokenAuthentication": "authentication",
        "Audience": "authentication",
        "AzureMLTokenAuthentication": "authentication",
        "TokenAuthentication": "authentication",
    },
)
