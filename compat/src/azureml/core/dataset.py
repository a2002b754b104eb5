"""`azureml.core.dataset`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Dataset": "legacy_dataset",
    },
)
