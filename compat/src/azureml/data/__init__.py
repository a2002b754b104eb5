"""`azureml.data`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DataType": "data_types",
        "FileDataset": "dataset",
        "TabularDataset": "dataset",
        "OutputFileDatasetConfig": "output_dataset",
    },
    absent={
        "DatacacheStore": "datastores",
        "HDFSOutputDatasetConfig": "datasets",
        "LinkFileOutputDatasetConfig": "datasets",
        "LinkTabularOutputDatasetConfig": "datasets",
    },
)
