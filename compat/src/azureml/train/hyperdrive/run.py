"""`azureml.train.hyperdrive.run`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "HyperDriveRun": "hyperdrive.run",
    },
)
