# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.dataset_mount import DatasetContextManager as DatasetContextManager

@deprecated("azud does not have DatastoreContextManager yet")
class DatastoreContextManager:
    """Not there yet: read and write files in the step itself."""
