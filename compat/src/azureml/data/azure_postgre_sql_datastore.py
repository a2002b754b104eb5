"""`azureml.data.azure_postgre_sql_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AzurePostgreSqlDatastore": "datastore_sql",
    },
)
