"""`azureml.core.compute.kusto`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "KustoAttachConfiguration": "compute.kusto",
        "KustoCompute": "compute.kusto",
    },
)
