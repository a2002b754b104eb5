"""`azureml.train.hyperdrive.parameter_expressions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
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
