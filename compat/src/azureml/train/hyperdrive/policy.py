"""`azureml.train.hyperdrive.policy`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "BanditPolicy": "hyperdrive",
        "EarlyTerminationPolicy": "hyperdrive",
        "MedianStoppingPolicy": "hyperdrive",
        "NoTerminationPolicy": "hyperdrive",
        "TruncationSelectionPolicy": "hyperdrive",
    },
)
