"""`AdlaCompute`: an account of Azure Data Lake Analytics, kept as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Optional

from azud.sdk.compute.attached import old_attach
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration
from azud.sdk.compute.target import ComputeTarget

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class DataLakeAnalyticsAttachConfiguration(ComputeTargetAttachConfiguration):
    """Which account of Azure Data Lake Analytics is meant."""

    _kept = ("resource_group", "account_name", "resource_id")
    _resource_kind = "Microsoft.DataLakeAnalytics/accounts"
    _resource_name = "account_name"

    def __init__(
        self,
        resource_group: Optional[str] = None,
        account_name: Optional[str] = None,
        resource_id: Optional[str] = None,
    ) -> None:
        """Keep the names.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(AdlaCompute)
        self.resource_group = resource_group
        self.account_name = account_name
        self.resource_id = resource_id
        self.validate_configuration()


class AdlaCompute(ComputeTarget):
    """An account of Azure Data Lake Analytics. It runs no steps here: a submission that names it is refused."""

    _type = "DataLakeAnalytics"

    @staticmethod
    def attach(workspace: Workspace, name: str, resource_id: str) -> NoReturn:
        """Refuse, as in v1, in favour of `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: Always.
        """
        raise old_attach("AdlaCompute")

    @staticmethod
    def attach_configuration(
        resource_group: Optional[str] = None, account_name: Optional[str] = None, resource_id: Optional[str] = None
    ) -> DataLakeAnalyticsAttachConfiguration:
        """Return which one is meant, for `ComputeTarget.attach`: by group and name, or by the resource's id.

        Raises:
            ComputeTargetException: Neither is given, or both and they disagree.
        """
        return DataLakeAnalyticsAttachConfiguration(resource_group, account_name, resource_id)
