# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have Module yet")
class Module:
    """Not there yet: write a function that returns the PythonScriptStep."""

@deprecated("azud does not have ModuleVersion yet")
class ModuleVersion:
    """Not there yet: write a function that returns the PythonScriptStep."""

@deprecated("azud does not have ModuleVersionDescriptor yet")
class ModuleVersionDescriptor:
    """Not there yet: write a function that returns the PythonScriptStep."""
