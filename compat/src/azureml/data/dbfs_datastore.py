"""`azureml.data.dbfs_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DBFSDatastore": "datastore_kinds",
    },
)
