# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have EstimatorStep yet")
class EstimatorStep:
    """Not there yet: use a PythonScriptStep that does the same."""
