"""`azureml.widgets`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "RunDetails": "widgets",
    },
)
