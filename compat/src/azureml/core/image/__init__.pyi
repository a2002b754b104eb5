# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have ContainerImage yet")
class ContainerImage:
    """Not there yet: nothing serves models yet; load the model in your own program."""

@deprecated("azud does not have Image yet")
class Image:
    """Not there yet: nothing serves models yet; load the model in your own program."""
