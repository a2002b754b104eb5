"""`azureml.pipeline.steps.automl_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AutoMLStep": "automl",
        "AutoMLStepRun": "automl",
    },
)
