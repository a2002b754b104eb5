# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have RemoteCompute yet")
class RemoteCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have RemoteComputeAttachConfiguration yet")
class RemoteComputeAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
