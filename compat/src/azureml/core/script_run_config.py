"""`azureml.core.script_run_config`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ScriptRunConfig": "script_run_config",
    },
    absent={
        "get_run_config_from_script_run": "configuration",
        "submit": "configuration",
    },
)
