# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have ModuleStep yet")
class ModuleStep:
    """Not there yet: write a function that returns the PythonScriptStep."""
