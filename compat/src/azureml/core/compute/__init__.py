"""`azureml.core.compute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AmlCompute": "compute",
        "ComputeTarget": "compute",
    },
)
