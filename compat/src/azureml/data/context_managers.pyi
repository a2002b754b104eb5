# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have DatasetContextManager yet")
class DatasetContextManager:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have DatastoreContextManager yet")
class DatastoreContextManager:
    """Not there yet: read and write files in the step itself."""
