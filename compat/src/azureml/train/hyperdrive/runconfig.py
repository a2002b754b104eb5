"""`azureml.train.hyperdrive.runconfig`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "HyperDriveConfig": "hyperdrive",
        "HyperDriveRunConfig": "hyperdrive",
        "PrimaryMetricGoal": "hyperdrive",
    },
)
