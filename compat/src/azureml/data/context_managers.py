"""`azureml.data.context_managers`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DatasetContextManager": "dataset_mount",
    },
    absent={
        "DatastoreContextManager": "datasets",
    },
)
