"""`azureml.data.dataset_factory`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "FileDatasetFactory": "dataset_factory",
        "TabularDatasetFactory": "dataset_factory",
        "DataType": "data_types",
    },
)
