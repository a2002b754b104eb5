# Made by `python -m azud.porting.stubs`.

from azud.sdk.estimators.estimator import Estimator as Estimator
from azud.sdk.estimators.base import MMLBaseEstimator as MMLBaseEstimator
from azud.sdk.estimators.base import MMLBaseEstimatorRunConfig as MMLBaseEstimatorRunConfig
from azud.sdk.estimators.frameworks import _FrameworkBaseEstimator as _FrameworkBaseEstimator
from azud.sdk.estimators.distributed import Gloo as Gloo
from azud.sdk.estimators.distributed import Mpi as Mpi
from azud.sdk.estimators.distributed import Nccl as Nccl
from azud.sdk.estimators.distributed import ParameterServer as ParameterServer
