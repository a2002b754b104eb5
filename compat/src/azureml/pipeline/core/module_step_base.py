"""`azureml.pipeline.core.module_step_base`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "ModuleStepBase": "modules",
    },
)
