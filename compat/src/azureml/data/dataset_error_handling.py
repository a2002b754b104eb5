"""`azureml.data.dataset_error_handling`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DatasetExecutionError": "exceptions",
        "DatasetValidationError": "exceptions",
    },
)
