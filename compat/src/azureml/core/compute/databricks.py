"""`azureml.core.compute.databricks`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DatabricksAttachConfiguration": "compute.databricks",
        "DatabricksCompute": "compute.databricks",
    },
)
