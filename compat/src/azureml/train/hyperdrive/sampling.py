"""`azureml.train.hyperdrive.sampling`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "BayesianParameterSampling": "hyperdrive.sampling",
        "GridParameterSampling": "hyperdrive.sampling",
        "HyperParameterSampling": "hyperdrive.sampling",
        "RandomParameterSampling": "hyperdrive.sampling",
    },
)
