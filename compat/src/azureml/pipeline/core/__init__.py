"""`azureml.pipeline.core`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "InputPortBinding": "input_binding",
        "OutputPortBinding": "pipeline_data",
        "Pipeline": "pipeline",
        "PipelineData": "pipeline_data",
        "PipelineDataset": "graph.sources",
        "PipelineParameter": "parameter",
        "PipelineRun": "pipeline_run",
        "PipelineStep": "step",
        "PortDataReference": "run_outputs",
        "StepRun": "pipeline_run",
        "StepRunOutput": "run_outputs",
        "StepSequence": "step",
        "TrainingOutput": "training_output",
    },
    absent={
        "Module": "modules",
        "ModuleVersion": "modules",
        "ModuleVersionDescriptor": "modules",
        "PipelineDraft": "publishing",
        "PipelineEndpoint": "publishing",
        "PublishedPipeline": "publishing",
        "Schedule": "schedules",
        "ScheduleRecurrence": "schedules",
        "TimeZone": "schedules",
    },
)
