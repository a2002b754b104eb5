# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have LinkedService yet")
class LinkedService:
    """Not there yet: no other services are linked to a workspace."""

@deprecated("azud does not have LinkedServiceConfiguration yet")
class LinkedServiceConfiguration:
    """Not there yet: no other services are linked to a workspace."""

@deprecated("azud does not have SynapseWorkspaceLinkedServiceConfiguration yet")
class SynapseWorkspaceLinkedServiceConfiguration:
    """Not there yet: no other services are linked to a workspace."""
