# Made by `python -m azud.porting.stubs`.

from azud.sdk.estimators.frameworks import Chainer as Chainer
from azud.sdk.estimators.frameworks import PyTorch as PyTorch
from azud.sdk.estimators.frameworks import TensorFlow as TensorFlow
from azud.sdk.estimators.distributed import Gloo as Gloo
from azud.sdk.estimators.distributed import Mpi as Mpi
from azud.sdk.estimators.distributed import Nccl as Nccl
from azud.sdk.estimators.distributed import ParameterServer as ParameterServer
