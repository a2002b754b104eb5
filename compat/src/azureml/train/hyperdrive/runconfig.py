"""`azureml.train.hyperdrive.runconfig`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "HyperDriveConfig": "hyperdrive.config",
        "HyperDriveRunConfig": "hyperdrive.config",
        "PrimaryMetricGoal": "hyperdrive.config",
    },
)
