"""`azureml.core.compute.adla`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AdlaCompute": "compute.adla",
        "DataLakeAnalyticsAttachConfiguration": "compute.adla",
    },
)
