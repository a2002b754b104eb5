# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have SynapseAttachConfiguration yet")
class SynapseAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have SynapseCompute yet")
class SynapseCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
