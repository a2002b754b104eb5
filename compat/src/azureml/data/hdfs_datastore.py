"""`azureml.data.hdfs_datastore`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "HDFSDatastore": "datastore_kinds",
    },
)
