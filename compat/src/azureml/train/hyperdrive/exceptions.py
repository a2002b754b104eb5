"""`azureml.train.hyperdrive.exceptions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "HyperDriveConfigException": "hyperdrive",
        "HyperDriveException": "hyperdrive",
        "HyperDriveNotImplementedException": "hyperdrive",
        "HyperDriveRehydrateException": "hyperdrive",
        "HyperDriveScenarioNotSupportedException": "hyperdrive",
        "HyperDriveServiceException": "hyperdrive",
    },
)
