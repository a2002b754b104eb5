"""`azureml.data.azure_data_lake_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AbstractADLSDatastore": "datastores",
        "AzureDataLakeDatastore": "datastores",
        "AzureDataLakeGen2Datastore": "datastores",
    },
)
