"""`azureml.train.hyperdrive`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "BanditPolicy": "hyperdrive.policy",
        "BayesianParameterSampling": "hyperdrive.sampling",
        "EarlyTerminationPolicy": "hyperdrive.policy",
        "GridParameterSampling": "hyperdrive.sampling",
        "HyperDriveConfig": "hyperdrive.config",
        "HyperDriveRun": "hyperdrive.run",
        "HyperDriveRunConfig": "hyperdrive.config",
        "HyperParameterSampling": "hyperdrive.sampling",
        "MedianStoppingPolicy": "hyperdrive.policy",
        "NoTerminationPolicy": "hyperdrive.policy",
        "PrimaryMetricGoal": "hyperdrive.config",
        "RandomParameterSampling": "hyperdrive.sampling",
        "TruncationSelectionPolicy": "hyperdrive.policy",
        "choice": "hyperdrive.expressions",
        "lognormal": "hyperdrive.expressions",
        "loguniform": "hyperdrive.expressions",
        "normal": "hyperdrive.expressions",
        "qlognormal": "hyperdrive.expressions",
        "qloguniform": "hyperdrive.expressions",
        "qnormal": "hyperdrive.expressions",
        "quniform": "hyperdrive.expressions",
        "randint": "hyperdrive.expressions",
        "uniform": "hyperdrive.expressions",
    },
)
