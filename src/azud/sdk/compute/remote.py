"""`RemoteCompute`: a machine that is reached by SSH, kept as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Optional

from azud.sdk.compute.attached import AttachedTarget, old_attach
from azud.sdk.compute.ssh import SshAttachConfiguration
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class RemoteComputeAttachConfiguration(SshAttachConfiguration):
    """Which machine is meant, and who signs in to it."""

    _kept = (
        "subscription_id",
        "resource_group",
        "vm_name",
        "resource_id",
        "address",
        "ssh_port",
        "username",
        "private_key_file",
    )
    _resource_kind = "Microsoft.Compute/virtualMachines"
    _resource_name = "vm_name"

    def __init__(
        self,
        username: str,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        vm_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        address: Optional[str] = None,
        ssh_port: int = 22,
        password: str = "",
        private_key_file: str = "",
        private_key_passphrase: str = "",
    ) -> None:
        """Keep the names; of password and passphrase the workspace will keep that they were given.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(RemoteCompute)
        self.username = username
        self.subscription_id = subscription_id
        self.resource_group = resource_group
        self.vm_name = vm_name
        self.resource_id = resource_id
        self.address = address
        self.ssh_port = ssh_port
        self.password = password
        self.private_key_file = private_key_file
        self.private_key_passphrase = private_key_passphrase
        self.validate_configuration()


class RemoteCompute(AttachedTarget):
    """A machine that is reached by SSH. It runs no steps yet: a submission that names it is refused."""

    _type = "VirtualMachine"

    @staticmethod
    def attach(  # type: ignore[override]
        workspace: Workspace,
        name: str,
        username: str,
        address: str,
        ssh_port: int = 22,
        password: str = "",
        private_key_file: str = "",
        private_key_passphrase: str = "",
    ) -> NoReturn:
        """Refuse, as in v1, in favour of `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: Always.
        """
        raise old_attach("RemoteCompute")

    @staticmethod
    def attach_configuration(
        username: str,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        vm_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        address: Optional[str] = None,
        ssh_port: int = 22,
        password: str = "",
        private_key_file: str = "",
        private_key_passphrase: str = "",
    ) -> RemoteComputeAttachConfiguration:
        """Return which machine is meant, for `ComputeTarget.attach`: by address, by group and name, or by id.

        Raises:
            ComputeTargetException: Machine or user are not named, there is no such port, or no such key file.
        """
        return RemoteComputeAttachConfiguration(
            username,
            subscription_id,
            resource_group,
            vm_name,
            resource_id,
            address,
            ssh_port,
            password,
            private_key_file,
            private_key_passphrase,
        )

    @property
    def address(self) -> Optional[str]:
        """The machine's address, or None if it was attached as an Azure resource."""
        return self._properties.get("address")

    @property
    def ssh_port(self) -> int:
        """The port that SSH listens on."""
        return int(self._properties.get("ssh_port") or 22)

    @property
    def username(self) -> Optional[str]:
        """Who signs in."""
        return self._properties.get("username")

    get_credentials = not_yet("RemoteCompute.get_credentials", "credentials")
