"""`azureml.core.compute_target`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ComputeTargetException": "exceptions",
    },
)
