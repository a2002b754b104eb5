"""`KustoCompute`: a cluster of Azure Data Explorer, kept as a record."""

from __future__ import annotations

from typing import Optional

from azud.sdk.compute.attached import AttachedTarget
from azud.sdk.compute.checking import needed
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration
from azud.sdk.support import not_yet


class KustoAttachConfiguration(ComputeTargetAttachConfiguration):
    """Which cluster of Azure Data Explorer is meant, and who signs in to it."""

    _kept = (
        "resource_group",
        "workspace_name",
        "resource_id",
        "tenant_id",
        "application_id",
    )
    _secrets = ("kusto_connection_string", "application_key")  # the former may hold the latter

    def __init__(
        self,
        resource_group: Optional[str] = None,
        workspace_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        tenant_id: Optional[str] = None,
        kusto_connection_string: Optional[str] = None,
        application_id: Optional[str] = None,
        application_key: Optional[str] = None,
    ) -> None:
        """Keep the names; of connection string and key the workspace will keep that they were given.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(KustoCompute)
        self.resource_group = resource_group
        self.workspace_name = workspace_name
        self.resource_id = resource_id
        self.tenant_id = tenant_id
        self.kusto_connection_string = kusto_connection_string
        self.application_id = application_id
        self.application_key = application_key
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check that the cluster's address and the application are given.

        Raises:
            ComputeTargetException: One of them is not.
        """
        needed(
            tenant_id=self.tenant_id,
            kusto_connection_string=self.kusto_connection_string,
            application_id=self.application_id,
            application_key=self.application_key,
        )


class KustoCompute(AttachedTarget):
    """A cluster of Azure Data Explorer. It runs no steps here: a submission that names it is refused."""

    _type = "Kusto"

    @staticmethod
    def attach_configuration(
        resource_group: Optional[str] = None,
        workspace_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        tenant_id: Optional[str] = None,
        kusto_connection_string: Optional[str] = None,
        application_id: Optional[str] = None,
        application_key: Optional[str] = None,
    ) -> KustoAttachConfiguration:
        """Return which one is meant, for `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: The cluster's address, or something of the application, is missing.
        """
        return KustoAttachConfiguration(
            resource_group,
            workspace_name,
            resource_id,
            tenant_id,
            kusto_connection_string,
            application_id,
            application_key,
        )

    get_credentials = not_yet("KustoCompute.get_credentials", "credentials")
