"""`azureml.data.dataset_consumption_config`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DatasetConsumptionConfig": "dataset_consumption",
    },
)
