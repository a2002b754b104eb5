"""`azureml.data.dataset_type_definitions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "PromoteHeadersBehavior": "data_types",
    },
    absent={
        "FileEncoding": "datasets",
        "FileType": "datasets",
        "HistogramCompareMethod": "datasets",
        "SkipLinesBehavior": "datasets",
    },
)
