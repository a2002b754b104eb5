"""`azureml.core.run`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Run": "run",
        "get_run": "run",
        "_OfflineRun": "offline_run",
        "_SubmittedRun": "context",
    },
    absent={
        "InputDatasets": "datasets",
        "LinkOutput": "datasets",
        "OutputDatasets": "datasets",
    },
)
