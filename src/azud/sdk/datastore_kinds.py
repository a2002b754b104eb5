"""The kinds of datastores beyond the two that every workspace has, and the object for a record of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from azud.sdk.datastore import (
    AbstractAzureStorageDatastore,
    AbstractDatastore,
    AzureBlobDatastore,
    AzureFileDatastore,
    FilesDatastore,
)
from azud.sdk.datastore_sql import SQL_MAKERS

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class AbstractADLSDatastore(FilesDatastore):
    """A data lake, opened by a service principal or by whoever runs the server."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        datastore_type: str,
        tenant_id: Optional[str],
        client_id: Optional[str],
        client_secret: Optional[str],
        resource_url: Optional[str],
        authority_url: Optional[str],
        service_data_access_auth_identity: Any = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, datastore_type)
        self.tenant_id, self.client_id, self.client_secret = tenant_id, client_id, client_secret
        self.resource_url, self.authority_url = resource_url, authority_url


class AzureDataLakeDatastore(AbstractADLSDatastore):
    """Azure Data Lake Storage Gen1, which its vendor retired on 2024-02-29: a record, without bytes."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        store_name: Optional[str],
        tenant_id: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        resource_url: Optional[str] = None,
        authority_url: Optional[str] = None,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        service_data_access_auth_identity: Any = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(
            workspace, name, "AzureDataLake", tenant_id, client_id, client_secret, resource_url, authority_url
        )
        self.store_name = store_name
        self.subscription_id, self.resource_group = subscription_id, resource_group


class AzureDataLakeGen2Datastore(AbstractADLSDatastore):
    """A file system of Azure Data Lake Storage Gen2, reached as the blob container that it also is."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        container_name: Optional[str],
        account_name: Optional[str],
        tenant_id: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        resource_url: Optional[str] = None,
        authority_url: Optional[str] = None,
        protocol: Optional[str] = None,
        endpoint: Optional[str] = None,
        service_data_access_auth_identity: Any = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(
            workspace, name, "AzureDataLakeGen2", tenant_id, client_id, client_secret, resource_url, authority_url
        )
        self.container_name, self.account_name = container_name, account_name
        self.protocol, self.endpoint = protocol, endpoint


class DBFSDatastore(AbstractDatastore):
    """The file system of a Databricks workspace: a record for steps that run there."""

    def __init__(self, workspace: Optional[Workspace], name: str) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, "Dbfs")


class HDFSDatastore(AbstractDatastore):
    """A Hadoop file system: a record for steps that run on its cluster."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        protocol: Optional[str],
        namenode_address: Optional[str],
        hdfs_server_certificate_data: Any,
        kerberos_realm: Optional[str],
        kerberos_kdc_address: Optional[str],
        kerberos_principal: Optional[str],
        credential_value: Any,
        credential_type: Optional[str],
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, "Hdfs")
        self.protocol, self.namenode_address = protocol, namenode_address
        self.kerberos_realm, self.kerberos_kdc_address = kerberos_realm, kerberos_kdc_address
        self.kerberos_principal, self.credential_type = kerberos_principal, credential_type


class StoreDatastore(FilesDatastore):
    """A store that v1 did not know: S3, Google Cloud Storage, SFTP, a folder of this machine, any address of fsspec.

    `options` says where it is, by the names of `Datastore.register_…`.
    """

    def __init__(self, workspace: Optional[Workspace], name: str, datastore_type: str, options: Dict[str, Any]) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, datastore_type)
        self.options = dict(options)


def _storage(cls: Callable[..., AbstractAzureStorageDatastore]) -> Callable[..., AbstractDatastore]:
    def make(workspace: Workspace, name: str, options: Dict[str, Any]) -> AbstractDatastore:
        found = cls(workspace, name, options.get("container_name"), options.get("account_name"))
        found.protocol, found.endpoint = options.get("protocol", "https"), options.get("endpoint", "core.windows.net")
        return found

    return make


def _gen1(workspace: Workspace, name: str, options: Dict[str, Any]) -> AbstractDatastore:
    return AzureDataLakeDatastore(
        workspace,
        name,
        options.get("store_name"),
        options.get("tenant_id"),
        options.get("client_id"),
        subscription_id=options.get("subscription_id"),
        resource_group=options.get("resource_group"),
    )


def _gen2(workspace: Workspace, name: str, options: Dict[str, Any]) -> AbstractDatastore:
    return AzureDataLakeGen2Datastore(
        workspace,
        name,
        options.get("container_name"),
        options.get("account_name"),
        options.get("tenant_id"),
        options.get("client_id"),
        authority_url=options.get("authority_url"),
        protocol=options.get("protocol", "https"),
        endpoint=options.get("endpoint", "core.windows.net"),
    )


def _hdfs(workspace: Workspace, name: str, options: Dict[str, Any]) -> AbstractDatastore:
    return HDFSDatastore(
        workspace,
        name,
        options.get("protocol"),
        options.get("namenode_address"),
        None,
        options.get("kerberos_realm"),
        options.get("kerberos_kdc_address"),
        options.get("kerberos_principal"),
        None,
        None,
    )


def _dbfs(workspace: Workspace, name: str, _options: Dict[str, Any]) -> AbstractDatastore:
    return DBFSDatastore(workspace, name)


_MAKERS: Dict[str, Callable[..., AbstractDatastore]] = {
    "AzureBlob": _storage(AzureBlobDatastore),
    "AzureFile": _storage(AzureFileDatastore),
    "AzureDataLake": _gen1,
    "AzureDataLakeGen2": _gen2,
    "Dbfs": _dbfs,
    "Hdfs": _hdfs,
    **SQL_MAKERS,
}
_CREDENTIALS = {"account_key": "AccountKey", "sas_token": "Sas", "client_secret": "ServicePrincipal"}


def made_of_record(workspace: Workspace, record: Dict[str, Any]) -> Any:
    """Return the datastore object for the API's description of one."""
    name, kind, options = str(record["name"]), str(record["type"]), record.get("options") or {}
    maker = _MAKERS.get(kind)
    if maker is None:
        found: AbstractDatastore = StoreDatastore(workspace, name, kind, options)
    else:
        found = maker(workspace, name, options)
    if isinstance(found, AbstractAzureStorageDatastore):
        found.container_name = found.container_name or name
        known = [_CREDENTIALS[part] for part in record.get("credential") or () if part in _CREDENTIALS]
        found.credential_type = known[0] if known else None
    found._record = record
    return found
