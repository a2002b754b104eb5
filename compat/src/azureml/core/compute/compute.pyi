# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.compute import ComputeTarget as ComputeTarget

@deprecated("azud does not have ComputeTargetAttachConfiguration yet")
class ComputeTargetAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have ComputeTargetProvisioningConfiguration yet")
class ComputeTargetProvisioningConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have ComputeTargetUpdateConfiguration yet")
class ComputeTargetUpdateConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
