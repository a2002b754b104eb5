"""`azureml.pipeline.core`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "InputPortBinding": "pipeline_data",
        "OutputPortBinding": "pipeline_data",
        "Pipeline": "pipeline",
        "PipelineData": "pipeline_data",
        "PipelineParameter": "parameter",
        "PipelineRun": "pipeline_run",
        "PipelineStep": "step",
        "PortDataReference": "run_outputs",
        "StepRun": "pipeline_run",
        "StepRunOutput": "run_outputs",
        "StepSequence": "step",
        "TrainingOutput": "pipeline_data",
    },
    absent={
        "Module": "modules",
        "ModuleVersion": "modules",
        "ModuleVersionDescriptor": "modules",
        "PipelineDataset": "datasets",
        "PipelineDraft": "publishing",
        "PipelineEndpoint": "publishing",
        "PublishedPipeline": "publishing",
        "Schedule": "schedules",
        "ScheduleRecurrence": "schedules",
        "TimeZone": "schedules",
    },
)
