# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AdlaCompute yet")
class AdlaCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have DataLakeAnalyticsAttachConfiguration yet")
class DataLakeAnalyticsAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
