"""`HDInsightCompute`: a cluster of Azure HDInsight, kept as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Optional

from azud.sdk.compute.attached import AttachedTarget, old_attach
from azud.sdk.compute.ssh import SshAttachConfiguration
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class HDInsightAttachConfiguration(SshAttachConfiguration):
    """Which cluster of Azure HDInsight is meant, and who signs in to it."""

    _kept = (
        "subscription_id",
        "resource_group",
        "cluster_name",
        "resource_id",
        "address",
        "ssh_port",
        "username",
        "private_key_file",
    )
    _resource_kind = "Microsoft.HDInsight/clusters"
    _resource_name = "cluster_name"

    def __init__(
        self,
        username: str,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        cluster_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        address: Optional[str] = None,
        ssh_port: str = "22",
        password: str = "",
        private_key_file: str = "",
        private_key_passphrase: str = "",
    ) -> None:
        """Keep the names; of password and passphrase the workspace will keep that they were given.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(HDInsightCompute)
        self.username = username
        self.subscription_id = subscription_id
        self.resource_group = resource_group
        self.cluster_name = cluster_name
        self.resource_id = resource_id
        self.address = address
        self.ssh_port = ssh_port
        self.password = password
        self.private_key_file = private_key_file
        self.private_key_passphrase = private_key_passphrase
        self.validate_configuration()


class HDInsightCompute(AttachedTarget):
    """A cluster of Azure HDInsight. It runs no steps here: a submission that names it is refused."""

    _type = "HDInsight"

    @staticmethod
    def attach(  # type: ignore[override]
        workspace: Workspace,
        name: str,
        username: str,
        address: str,
        ssh_port: str = "22",
        password: str = "",
        private_key_file: str = "",
        private_key_passphrase: str = "",
    ) -> NoReturn:
        """Refuse, as in v1, in favour of `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: Always.
        """
        raise old_attach("HDInsightCompute")

    @staticmethod
    def attach_configuration(
        username: str,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        cluster_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        address: Optional[str] = None,
        ssh_port: str = "22",
        password: str = "",
        private_key_file: str = "",
        private_key_passphrase: str = "",
    ) -> HDInsightAttachConfiguration:
        """Return which cluster is meant, for `ComputeTarget.attach`: by address, by group and name, or by id.

        Raises:
            ComputeTargetException: Cluster or user are not named, there is no such port, or no such key file.
        """
        return HDInsightAttachConfiguration(
            username,
            subscription_id,
            resource_group,
            cluster_name,
            resource_id,
            address,
            ssh_port,
            password,
            private_key_file,
            private_key_passphrase,
        )

    get_credentials = not_yet("HDInsightCompute.get_credentials", "credentials")
