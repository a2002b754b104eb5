"""`azureml.data.azure_sql_database_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AzureSqlDatabaseDatastore": "datastore_sql",
    },
)
