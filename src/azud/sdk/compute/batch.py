"""`BatchCompute`: an account of Azure Batch, kept as a record."""

from __future__ import annotations

from typing import Optional

from azud.sdk.compute.attached import AttachedTarget
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration


class BatchAttachConfiguration(ComputeTargetAttachConfiguration):
    """Which account of Azure Batch is meant."""

    _kept = ("resource_group", "account_name", "resource_id")
    _resource_kind = "Microsoft.Batch/batchAccounts"
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
        super().__init__(BatchCompute)
        self.resource_group = resource_group
        self.account_name = account_name
        self.resource_id = resource_id
        self.validate_configuration()


class BatchCompute(AttachedTarget):
    """An account of Azure Batch. It runs no steps here: a submission that names it is refused."""

    _type = "Batch"

    @staticmethod
    def attach_configuration(
        resource_group: Optional[str] = None, account_name: Optional[str] = None, resource_id: Optional[str] = None
    ) -> BatchAttachConfiguration:
        """Return which one is meant, for `ComputeTarget.attach`: by group and name, or by the resource's id.

        Raises:
            ComputeTargetException: Neither is given, or both and they disagree.
        """
        return BatchAttachConfiguration(resource_group, account_name, resource_id)
