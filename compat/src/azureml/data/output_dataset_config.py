"""`azureml.data.output_dataset_config`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "OutputDatasetConfig": "output_dataset",
        "OutputFileDatasetConfig": "output_dataset",
        "OutputTabularDatasetConfig": "output_dataset",
        "RegistrationConfiguration": "output_dataset",
        "UploadOptions": "output_dataset",
    },
    absent={
        "HDFSOutputDatasetConfig": "datasets",
        "LinkFileOutputDatasetConfig": "datasets",
        "LinkTabularOutputDatasetConfig": "datasets",
        "MountOptions": "datasets",
        "TransformationMixin": "datasets",
    },
)
