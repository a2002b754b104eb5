"""`DatabricksCompute`: a workspace of Azure Databricks, kept as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Optional

from azud.sdk.compute.attached import AttachedTarget, old_attach
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class DatabricksAttachConfiguration(ComputeTargetAttachConfiguration):
    """Which workspace of Azure Databricks is meant."""

    _kept = ("resource_group", "workspace_name", "resource_id")
    _secrets = ("access_token",)
    _resource_kind = "Microsoft.Databricks/workspaces"
    _resource_name = "workspace_name"

    def __init__(
        self,
        resource_group: Optional[str] = None,
        workspace_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        access_token: str = "",
    ) -> None:
        """Keep the names; of the token the workspace will keep that it was given.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(DatabricksCompute)
        self.resource_group = resource_group
        self.workspace_name = workspace_name
        self.resource_id = resource_id
        self.access_token = access_token
        self.validate_configuration()


class DatabricksCompute(AttachedTarget):
    """A workspace of Azure Databricks. It runs no steps here: a submission that names it is refused."""

    _type = "Databricks"

    @staticmethod
    def attach(workspace: Workspace, name: str, resource_id: str, access_token: str) -> NoReturn:  # type: ignore[override]
        """Refuse, as in v1, in favour of `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: Always.
        """
        raise old_attach("DatabricksCompute")

    @staticmethod
    def attach_configuration(
        resource_group: Optional[str] = None,
        workspace_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        access_token: str = "",
    ) -> DatabricksAttachConfiguration:
        """Return which one is meant, for `ComputeTarget.attach`: by group and name, or by the resource's id.

        Raises:
            ComputeTargetException: Neither is given, or both and they disagree.
        """
        return DatabricksAttachConfiguration(resource_group, workspace_name, resource_id, access_token)

    get_credentials = not_yet("DatabricksCompute.get_credentials", "credentials")
