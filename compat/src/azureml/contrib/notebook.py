"""`azureml.contrib.notebook`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AzureMLNotebookHandler": "notebooks",
        "NotebookRunConfig": "notebooks",
        "NotebookRunnerStep": "notebooks",
    },
)
