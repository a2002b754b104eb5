# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have KustoAttachConfiguration yet")
class KustoAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have KustoCompute yet")
class KustoCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
