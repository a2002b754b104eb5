# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have HyperDriveStep yet")
class HyperDriveStep:
    """Not there yet: nothing sweeps by itself; write one PythonScriptStep for each combination, they run side by side
    and are reused."""

@deprecated("azud does not have HyperDriveStepRun yet")
class HyperDriveStepRun:
    """Not there yet: nothing sweeps by itself; write one PythonScriptStep for each combination, they run side by side
    and are reused."""
