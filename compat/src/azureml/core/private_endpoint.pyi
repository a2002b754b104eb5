# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have PrivateEndPoint yet")
class PrivateEndPoint:
    """Not there yet: no other services are linked to a workspace."""

@deprecated("azud does not have PrivateEndPointConfig yet")
class PrivateEndPointConfig:
    """Not there yet: no other services are linked to a workspace."""
