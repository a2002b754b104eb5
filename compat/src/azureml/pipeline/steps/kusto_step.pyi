# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have KustoStep yet")
class KustoStep:
    """Not there yet: use a PythonScriptStep that does the same."""
