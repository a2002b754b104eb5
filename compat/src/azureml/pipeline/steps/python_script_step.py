"""`azureml.pipeline.steps.python_script_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "PythonScriptStep": "python_script_step",
    },
)
