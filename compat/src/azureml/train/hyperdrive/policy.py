"""`azureml.train.hyperdrive.policy`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "BanditPolicy": "hyperdrive.policy",
        "EarlyTerminationPolicy": "hyperdrive.policy",
        "MedianStoppingPolicy": "hyperdrive.policy",
        "NoTerminationPolicy": "hyperdrive.policy",
        "TruncationSelectionPolicy": "hyperdrive.policy",
    },
)
