# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have DataFactoryAttachConfiguration yet")
class DataFactoryAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have DataFactoryCompute yet")
class DataFactoryCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have DataFactoryProvisioningConfiguration yet")
class DataFactoryProvisioningConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
