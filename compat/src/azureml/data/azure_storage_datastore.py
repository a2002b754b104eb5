"""`azureml.data.azure_storage_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AbstractAzureStorageDatastore": "datastore",
        "AzureBlobDatastore": "datastore",
        "AzureFileDatastore": "datastore",
    },
)
