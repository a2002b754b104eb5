# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have BatchAttachConfiguration yet")
class BatchAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have BatchCompute yet")
class BatchCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
