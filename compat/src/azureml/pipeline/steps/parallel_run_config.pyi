# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have ParallelRunConfig yet")
class ParallelRunConfig:
    """Not there yet: use several PythonScriptSteps, each with its part of the data."""
