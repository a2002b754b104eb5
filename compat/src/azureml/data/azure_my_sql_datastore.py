"""`azureml.data.azure_my_sql_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AzureMySqlDatastore": "datastore_sql",
    },
)
