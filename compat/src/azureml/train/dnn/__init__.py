"""`azureml.train.dnn`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "Chainer": "estimators",
        "Gloo": "estimators",
        "Mpi": "estimators",
        "Nccl": "estimators",
        "ParameterServer": "estimators",
        "PyTorch": "estimators",
        "TensorFlow": "estimators",
    },
)
