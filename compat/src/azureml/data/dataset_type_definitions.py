"""`azureml.data.dataset_type_definitions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "FileEncoding": "data_types",
        "FileType": "data_types",
        "HistogramCompareMethod": "data_types",
        "PromoteHeadersBehavior": "data_types",
        "SkipLinesBehavior": "data_types",
    },
)
