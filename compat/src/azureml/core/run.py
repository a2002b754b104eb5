"""`azureml.core.run`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Run": "run",
        "get_run": "run",
        "_OfflineRun": "offline_run",
        "_SubmittedRun": "context",
        "InputDatasets": "input_datasets",
        "LinkOutput": "output_datasets",
        "OutputDatasets": "output_datasets",
    },
)
