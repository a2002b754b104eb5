"""`azureml.pipeline.core.pipeline_output_dataset`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "DatasetRegistration": "datasets",
        "PipelineOutputAbstractDataset": "datasets",
        "PipelineOutputFileDataset": "datasets",
        "PipelineOutputTabularDataset": "datasets",
    },
)
