# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have DatasetExecutionError yet")
class DatasetExecutionError(Exception):
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have DatasetValidationError yet")
class DatasetValidationError(Exception):
    """Not there yet: read and write files in the step itself."""
