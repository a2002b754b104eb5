# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have DatabricksAttachConfiguration yet")
class DatabricksAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have DatabricksCompute yet")
class DatabricksCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
