# Made by `python -m azud.porting.stubs`.

from typing import NoReturn
from typing_extensions import deprecated

@deprecated("azud does not have AutoMLConfig yet")
class AutoMLConfig:
    """Not there yet: nothing searches for models by itself; write one PythonScriptStep for each candidate, they run
    side by side and are reused."""

@deprecated("azud does not have AutoMLImageConfig yet")
class AutoMLImageConfig:
    """Not there yet: nothing searches for models by itself; write one PythonScriptStep for each candidate, they run
    side by side and are reused."""

@deprecated("azud does not have get_sdk_dependencies yet")
def get_sdk_dependencies() -> NoReturn:
    """Not there yet: nothing searches for models by itself; write one PythonScriptStep for each candidate, they run
    side by side and are reused."""
