"""`azureml.train.estimator`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "Estimator": "estimators",
        "Gloo": "estimators",
        "MMLBaseEstimator": "estimators",
        "MMLBaseEstimatorRunConfig": "estimators",
        "Mpi": "estimators",
        "Nccl": "estimators",
        "ParameterServer": "estimators",
        "_FrameworkBaseEstimator": "estimators",
    },
)
