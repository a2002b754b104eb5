# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.run import Run as Run
from azud.sdk.run import get_run as get_run
from azud.sdk.offline_run import _OfflineRun as _OfflineRun
from azud.sdk.context import _SubmittedRun as _SubmittedRun

@deprecated("azud does not have InputDatasets yet")
class InputDatasets:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have LinkOutput yet")
class LinkOutput:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have OutputDatasets yet")
class OutputDatasets:
    """Not there yet: read and write files in the step itself."""
