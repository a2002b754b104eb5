# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have ComputeInstance yet")
class ComputeInstance:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have ComputeInstanceProvisioningConfiguration yet")
class ComputeInstanceProvisioningConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have ComputeInstanceStatus yet")
class ComputeInstanceStatus:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
