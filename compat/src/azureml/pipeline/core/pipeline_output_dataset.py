"""`azureml.pipeline.core.pipeline_output_dataset`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DatasetRegistration": "pipeline_output_dataset",
        "PipelineOutputAbstractDataset": "pipeline_output_dataset",
        "PipelineOutputFileDataset": "pipeline_output_dataset",
        "PipelineOutputTabularDataset": "pipeline_output_dataset",
    },
)
