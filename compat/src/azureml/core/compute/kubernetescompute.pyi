# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have KubernetesCompute yet")
class KubernetesCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have KubernetesComputeAttachConfiguration yet")
class KubernetesComputeAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have KubernetesComputeStatus yet")
class KubernetesComputeStatus:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
