# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AutoMLStep yet")
class AutoMLStep:
    """Not there yet: nothing searches for models by itself; write one PythonScriptStep for each candidate, they run
    side by side and are reused."""

@deprecated("azud does not have AutoMLStepRun yet")
class AutoMLStepRun:
    """Not there yet: nothing searches for models by itself; write one PythonScriptStep for each candidate, they run
    side by side and are reused."""
