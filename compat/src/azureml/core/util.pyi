# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have NewLoggingLevel yet")
class NewLoggingLevel:
    """Not there yet: it was not public; use the classes of azureml.core."""
