"""`azureml.core.workspace`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Workspace": "workspace",
    },
)
