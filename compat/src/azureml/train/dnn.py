"""`azureml.train.dnn`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Chainer": "estimators.frameworks",
        "PyTorch": "estimators.frameworks",
        "TensorFlow": "estimators.frameworks",
        "Gloo": "estimators.distributed",
        "Mpi": "estimators.distributed",
        "Nccl": "estimators.distributed",
        "ParameterServer": "estimators.distributed",
    },
)
