"""`ContainerRegistry`: where images come from."""

from __future__ import annotations

from typing import Optional

from azud.sdk.section import TEXT, Field, Section


class RegistryIdentity(Section):
    """The managed identity that may read a registry: kept for the record, azud runs nothing under one."""

    _schema = {"resource_id": TEXT, "client_id": TEXT}

    def __init__(self) -> None:
        """Start empty."""
        self.resource_id: Optional[str] = None
        self.client_id: Optional[str] = None


class ContainerRegistry(Section):
    """A registry of images. Its password is never part of what is stored or sent."""

    _schema = {
        "address": TEXT,
        "username": TEXT,
        "password": Field(TEXT, secret=True),
        "registry_identity": RegistryIdentity,
    }

    def __init__(self) -> None:
        """Start empty."""
        self.address: Optional[str] = None
        self.username: Optional[str] = None
        self.password: Optional[str] = None
        self.registry_identity: Optional[RegistryIdentity] = None
