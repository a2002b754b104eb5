"""`azureml_user.parallel_run`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "EntryScript": "parallel",
    },
)
