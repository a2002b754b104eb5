"""`azureml.core.script_run`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ScriptRun": "script_run",
    },
)
