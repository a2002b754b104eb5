# Made by `python -m azud.porting.stubs`.

from azud.sdk.hyperdrive.run import HyperDriveRun as HyperDriveRun
