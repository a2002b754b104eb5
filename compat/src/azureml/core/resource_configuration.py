"""`azureml.core.resource_configuration`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "ResourceConfiguration": "models",
    },
)
