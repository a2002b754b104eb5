# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have DsvmCompute yet")
class DsvmCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have DsvmProvisioningConfiguration yet")
class DsvmProvisioningConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
