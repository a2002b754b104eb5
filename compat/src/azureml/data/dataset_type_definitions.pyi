# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.data_types import PromoteHeadersBehavior as PromoteHeadersBehavior

@deprecated("azud does not have FileEncoding yet")
class FileEncoding:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have FileType yet")
class FileType:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have HistogramCompareMethod yet")
class HistogramCompareMethod:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have SkipLinesBehavior yet")
class SkipLinesBehavior:
    """Not there yet: read and write files in the step itself."""
