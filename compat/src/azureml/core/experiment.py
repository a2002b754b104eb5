"""`azureml.core.experiment`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Experiment": "experiment",
        "ViewType": "experiment",
    },
)
