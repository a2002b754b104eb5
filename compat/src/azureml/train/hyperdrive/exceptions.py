"""`azureml.train.hyperdrive.exceptions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "HyperDriveConfigException": "hyperdrive.exceptions",
        "HyperDriveException": "hyperdrive.exceptions",
        "HyperDriveNotImplementedException": "hyperdrive.exceptions",
        "HyperDriveRehydrateException": "hyperdrive.exceptions",
        "HyperDriveScenarioNotSupportedException": "hyperdrive.exceptions",
        "HyperDriveServiceException": "hyperdrive.exceptions",
    },
)
