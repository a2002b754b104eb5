"""`azureml.train.hyperdrive`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "BanditPolicy": "hyperdrive",
        "BayesianParameterSampling": "hyperdrive",
        "EarlyTerminationPolicy": "hyperdrive",
        "GridParameterSampling": "hyperdrive",
        "HyperDriveConfig": "hyperdrive",
        "HyperDriveRun": "hyperdrive",
        "HyperDriveRunConfig": "hyperdrive",
        "HyperParameterSampling": "hyperdrive",
        "MedianStoppingPolicy": "hyperdrive",
        "NoTerminationPolicy": "hyperdrive",
        "PrimaryMetricGoal": "hyperdrive",
        "RandomParameterSampling": "hyperdrive",
        "TruncationSelectionPolicy": "hyperdrive",
        "choice": "hyperdrive",
        "lognormal": "hyperdrive",
        "loguniform": "hyperdrive",
        "normal": "hyperdrive",
        "qlognormal": "hyperdrive",
        "qloguniform": "hyperdrive",
        "qnormal": "hyperdrive",
        "quniform": "hyperdrive",
        "randint": "hyperdrive",
        "uniform": "hyperdrive",
    },
)
