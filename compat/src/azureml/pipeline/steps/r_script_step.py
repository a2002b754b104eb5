"""`azureml.pipeline.steps.r_script_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "RScriptStep": "steps",
    },
)
