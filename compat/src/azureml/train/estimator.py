"""`azureml.train.estimator`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Estimator": "estimators.estimator",
        "MMLBaseEstimator": "estimators.base",
        "MMLBaseEstimatorRunConfig": "estimators.base",
        "_FrameworkBaseEstimator": "estimators.frameworks",
        "Gloo": "estimators.distributed",
        "Mpi": "estimators.distributed",
        "Nccl": "estimators.distributed",
        "ParameterServer": "estimators.distributed",
    },
)
