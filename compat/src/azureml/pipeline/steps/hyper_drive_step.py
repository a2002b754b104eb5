"""`azureml.pipeline.steps.hyper_drive_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "HyperDriveStep": "hyperdrive",
        "HyperDriveStepRun": "hyperdrive",
    },
)
