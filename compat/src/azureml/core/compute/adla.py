"""`azureml.core.compute.adla`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AdlaCompute": "compute",
        "DataLakeAnalyticsAttachConfiguration": "compute",
    },
)
