# Made by `python -m azud.porting.stubs`.

from azud.sdk.hyperdrive.sampling import BayesianParameterSampling as BayesianParameterSampling
from azud.sdk.hyperdrive.sampling import GridParameterSampling as GridParameterSampling
from azud.sdk.hyperdrive.sampling import HyperParameterSampling as HyperParameterSampling
from azud.sdk.hyperdrive.sampling import RandomParameterSampling as RandomParameterSampling
