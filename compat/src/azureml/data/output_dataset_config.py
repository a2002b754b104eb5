"""`azureml.data.output_dataset_config`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "HDFSOutputDatasetConfig": "linked_output",
        "LinkFileOutputDatasetConfig": "linked_output",
        "LinkTabularOutputDatasetConfig": "linked_output",
        "MountOptions": "output_dataset",
        "OutputDatasetConfig": "output_dataset",
        "OutputFileDatasetConfig": "output_dataset",
        "OutputTabularDatasetConfig": "output_dataset",
        "RegistrationConfiguration": "output_dataset",
        "TransformationMixin": "output_dataset",
        "UploadOptions": "output_dataset",
    },
)
