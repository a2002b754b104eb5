"""`azureml._common.exceptions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AzureMLAggregatedException": "exceptions",
        "AzureMLException": "exceptions",
    },
)
