"""`azureml.data`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DataType": "data_types",
        "FileDataset": "dataset",
        "TabularDataset": "dataset",
        "OutputFileDatasetConfig": "output_dataset",
        "HDFSOutputDatasetConfig": "linked_output",
        "LinkFileOutputDatasetConfig": "linked_output",
        "LinkTabularOutputDatasetConfig": "linked_output",
    },
    absent={
        "DatacacheStore": "datastores",
    },
)
