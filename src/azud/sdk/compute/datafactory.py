"""`DataFactoryCompute`: an Azure Data Factory, kept as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Optional

from azud.sdk.compute.attached import old_attach
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration, ComputeTargetProvisioningConfiguration
from azud.sdk.compute.target import ComputeTarget

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class DataFactoryAttachConfiguration(ComputeTargetAttachConfiguration):
    """Which Azure Data Factory is meant."""

    _kept = ("resource_group", "factory_name", "resource_id")
    _resource_kind = "Microsoft.DataFactory/factories"
    _resource_name = "factory_name"

    def __init__(
        self,
        resource_group: Optional[str] = None,
        factory_name: Optional[str] = None,
        resource_id: Optional[str] = None,
    ) -> None:
        """Keep the names.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(DataFactoryCompute)
        self.resource_group = resource_group
        self.factory_name = factory_name
        self.resource_id = resource_id
        self.validate_configuration()


class DataFactoryProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a new Azure Data Factory shall be."""

    def __init__(self, location: Optional[str]) -> None:
        """Keep Azure's region."""
        super().__init__(DataFactoryCompute, location)


class DataFactoryCompute(ComputeTarget):
    """An Azure Data Factory. It runs no steps here: a submission that names it is refused."""

    _type = "DataFactory"

    @staticmethod
    def attach(workspace: Workspace, name: str, resource_id: str) -> NoReturn:
        """Refuse, as in v1, in favour of `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: Always.
        """
        raise old_attach("DataFactoryCompute")

    @staticmethod
    def provisioning_configuration(location: Optional[str] = None) -> DataFactoryProvisioningConfiguration:
        """Return what a new one shall be, for `ComputeTarget.create`."""
        return DataFactoryProvisioningConfiguration(location)

    @staticmethod
    def attach_configuration(
        resource_group: Optional[str] = None, factory_name: Optional[str] = None, resource_id: Optional[str] = None
    ) -> DataFactoryAttachConfiguration:
        """Return which one is meant, for `ComputeTarget.attach`: by group and name, or by the resource's id.

        Raises:
            ComputeTargetException: Neither is given, or both and they disagree.
        """
        return DataFactoryAttachConfiguration(resource_group, factory_name, resource_id)
