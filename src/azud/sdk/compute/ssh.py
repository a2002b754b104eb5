"""Machines that are reached by SSH: what their attach configurations have in common."""

from __future__ import annotations

from typing import Any, Optional

from azud.sdk.compute.checking import all_or_none, file, needed, port, resource
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration


class SshAttachConfiguration(ComputeTargetAttachConfiguration):
    """A machine by address or Azure resource, and who signs in to it."""

    _secrets = ("password", "private_key_passphrase")

    username: str
    address: Optional[str]
    resource_id: Optional[str]
    ssh_port: Any
    private_key_file: str

    def validate_configuration(self) -> None:
        """Check that machine and user are named.

        Raises:
            ComputeTargetException: One is not, id and names disagree, there is no such port, or no such key file.
        """
        needed(username=self.username)
        port(self.ssh_port)
        file(self.private_key_file, "private_key_file")
        parts = {name: getattr(self, name) for name in ("resource_group", self._resource_name)}
        if self.address and not self.resource_id:
            needed(address=self.address)
            all_or_none(**parts)
        else:
            resource(self.resource_id, **parts)
