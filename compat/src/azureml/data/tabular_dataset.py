"""`azureml.data.tabular_dataset`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "TabularDataset": "dataset",
    },
)
