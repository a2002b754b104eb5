"""`ContainerRegistry`: where images come from."""

from __future__ import annotations

from typing import Any, Optional

from azud.sdk.section import Section


class ContainerRegistry(Section):
    """Where images come from. Its password is never part of a definition."""

    _fields = ("address", "username", "password", "registry_identity")

    def __init__(self) -> None:
        """Start empty."""
        self.address: Optional[str] = None
        self.username: Optional[str] = None
        self.password: Optional[str] = None
        self.registry_identity: Any = None
