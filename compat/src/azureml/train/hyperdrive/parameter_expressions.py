"""`azureml.train.hyperdrive.parameter_expressions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
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
