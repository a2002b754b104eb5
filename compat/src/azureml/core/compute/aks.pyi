# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AksAttachConfiguration yet")
class AksAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have AksCompute yet")
class AksCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have AksProvisioningConfiguration yet")
class AksProvisioningConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have AksUpdateConfiguration yet")
class AksUpdateConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have SslConfiguration yet")
class SslConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have SystemService yet")
class SystemService:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
