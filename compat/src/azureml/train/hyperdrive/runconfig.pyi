# Made by `python -m azud.porting.stubs`.

from azud.sdk.hyperdrive.config import HyperDriveConfig as HyperDriveConfig
from azud.sdk.hyperdrive.config import HyperDriveRunConfig as HyperDriveRunConfig
from azud.sdk.hyperdrive.config import PrimaryMetricGoal as PrimaryMetricGoal
