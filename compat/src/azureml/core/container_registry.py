"""`azureml.core.container_registry`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ContainerRegistry": "environment",
    },
    absent={
        "RegistryIdentity": "configuration",
    },
)
