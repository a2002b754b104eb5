# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have CommandStep yet")
class CommandStep:
    """Not there yet: use a PythonScriptStep that does the same."""
