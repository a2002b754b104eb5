"""`azureml.core.util`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "NewLoggingLevel": "internal",
    },
)
