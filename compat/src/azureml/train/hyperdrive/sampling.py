"""`azureml.train.hyperdrive.sampling`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "BayesianParameterSampling": "hyperdrive",
        "GridParameterSampling": "hyperdrive",
        "HyperParameterSampling": "hyperdrive",
        "RandomParameterSampling": "hyperdrive",
    },
)
