"""`DsvmCompute`: a Data Science Virtual Machine, kept as a record."""

from __future__ import annotations

from typing import Any, NoReturn, Optional

from azud.sdk.compute.checking import port
from azud.sdk.compute.configurations import ComputeTargetProvisioningConfiguration
from azud.sdk.compute.target import ComputeTarget
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import not_yet


class DsvmProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a new Data Science Virtual Machine shall be."""

    _kept = ("vm_size", "ssh_port")

    def __init__(self, vm_size: Optional[str] = "", ssh_port: Any = None, location: Optional[str] = None) -> None:
        """Keep the settings.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(DsvmCompute, location)
        self.vm_size = vm_size
        self.ssh_port = ssh_port
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check the port.

        Raises:
            ComputeTargetException: There is no such port.
        """
        if self.ssh_port is not None:
            port(self.ssh_port)


class DsvmCompute(ComputeTarget):
    """A Data Science Virtual Machine. It runs no steps here: a submission that names it is refused."""

    _type = "VirtualMachine"

    @staticmethod
    def provisioning_configuration(
        vm_size: Optional[str] = None, ssh_port: Any = None, location: Optional[str] = None
    ) -> DsvmProvisioningConfiguration:
        """Return what a new one shall be, for `ComputeTarget.create`.

        Raises:
            ComputeTargetException: There is no such port.
        """
        return DsvmProvisioningConfiguration(vm_size, ssh_port, location)

    def detach(self) -> NoReturn:
        """Refuse, as in v1: what was created is deleted.

        Raises:
            ComputeTargetException: Always.
        """
        raise ComputeTargetException("a machine that was created cannot be detached", hint="use delete()")

    get_credentials = not_yet("DsvmCompute.get_credentials", "credentials")
