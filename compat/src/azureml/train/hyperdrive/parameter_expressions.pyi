# Made by `python -m azud.porting.stubs`.

from azud.sdk.hyperdrive.expressions import choice as choice
from azud.sdk.hyperdrive.expressions import lognormal as lognormal
from azud.sdk.hyperdrive.expressions import loguniform as loguniform
from azud.sdk.hyperdrive.expressions import normal as normal
from azud.sdk.hyperdrive.expressions import qlognormal as qlognormal
from azud.sdk.hyperdrive.expressions import qloguniform as qloguniform
from azud.sdk.hyperdrive.expressions import qnormal as qnormal
from azud.sdk.hyperdrive.expressions import quniform as quniform
from azud.sdk.hyperdrive.expressions import randint as randint
from azud.sdk.hyperdrive.expressions import uniform as uniform
