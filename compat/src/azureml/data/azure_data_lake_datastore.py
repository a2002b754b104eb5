"""`azureml.data.azure_data_lake_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AbstractADLSDatastore": "datastore_kinds",
        "AzureDataLakeDatastore": "datastore_kinds",
        "AzureDataLakeGen2Datastore": "datastore_kinds",
    },
)
