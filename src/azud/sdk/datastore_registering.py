"""`Datastore.register_…`: making datastores known, v1's kinds and those that it lacked.

What opens a store goes to the workspace's server, which keeps it encrypted and never gives it back: the objects that
these return have no keys and tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

if TYPE_CHECKING:
    from azud.sdk.datastore import AbstractDatastore, AzureBlobDatastore, AzureFileDatastore
    from azud.sdk.datastore_kinds import (
        AzureDataLakeDatastore,
        AzureDataLakeGen2Datastore,
        DBFSDatastore,
        HDFSDatastore,
        StoreDatastore,
    )
    from azud.sdk.workspace import Workspace


class DatastoreRegistering:
    """The registering half of `Datastore`."""

    @staticmethod
    def register_azure_blob_container(
        workspace: Workspace,
        datastore_name: str,
        container_name: str,
        account_name: str,
        sas_token: Optional[str] = None,
        account_key: Optional[str] = None,
        protocol: Optional[str] = None,
        endpoint: Optional[str] = None,
        overwrite: bool = False,
        create_if_not_exists: bool = False,
        skip_validation: bool = False,
        blob_cache_timeout: Optional[int] = None,
        grant_workspace_access: bool = False,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
    ) -> AzureBlobDatastore:
        """Register a blob container.

        Args:
            workspace: Where it becomes known.
            datastore_name: Its name there.
            container_name: Of the container.
            account_name: Of the storage account.
            sas_token: Opens the container; or
            account_key: opens the account. Without either, whoever the server's process is signed in as.
            protocol: `https` by default.
            endpoint: `core.windows.net` by default; with a port or path (an emulator's) the address of the service.
            overwrite: Replace a datastore of this name.
            create_if_not_exists: Make the container.
            skip_validation: Do not try now whether it opens.
            blob_cache_timeout: Accepted as in v1; azud notices a changed blob by its etag.
            grant_workspace_access: Accepted as in v1; azud has no identity of its own in Azure.
            subscription_id: Of the account, kept.
            resource_group: Of the account, kept.

        Raises:
            UserErrorException: There is such a datastore, or the container does not open.
        """
        options = {"protocol": protocol, "endpoint": endpoint}
        options.update(subscription_id=subscription_id, resource_group=resource_group)
        found: AzureBlobDatastore = _put(
            workspace,
            _record(datastore_name, "AzureBlob", "azure_blob", options, account_name, container_name),
            {"sas_token": sas_token, "account_key": account_key},
            overwrite=overwrite,
            check=not skip_validation,
            create=create_if_not_exists,
        )
        return found

    @staticmethod
    def register_azure_file_share(
        workspace: Workspace,
        datastore_name: str,
        file_share_name: str,
        account_name: str,
        sas_token: Optional[str] = None,
        account_key: Optional[str] = None,
        protocol: Optional[str] = None,
        endpoint: Optional[str] = None,
        overwrite: bool = False,
        create_if_not_exists: bool = False,
        skip_validation: bool = False,
    ) -> AzureFileDatastore:
        """Register a file share; the arguments are those of `register_azure_blob_container`.

        Raises:
            UserErrorException: There is such a datastore, or the share does not open.
        """
        options = {"protocol": protocol, "endpoint": endpoint}
        found: AzureFileDatastore = _put(
            workspace,
            _record(datastore_name, "AzureFile", "azure_file", options, account_name, file_share_name),
            {"sas_token": sas_token, "account_key": account_key},
            overwrite=overwrite,
            check=not skip_validation,
            create=create_if_not_exists,
        )
        return found

    @staticmethod
    def register_azure_data_lake(
        workspace: Workspace,
        datastore_name: str,
        store_name: str,
        tenant_id: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        resource_url: Optional[str] = None,
        authority_url: Optional[str] = None,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        overwrite: bool = False,
        grant_workspace_access: bool = False,
    ) -> AzureDataLakeDatastore:
        """Register a Data Lake Storage Gen1, which its vendor retired: a record whose use is an error that says so.

        The secret is not kept: there is nothing that it would open.
        """
        options = {"store_name": store_name, "tenant_id": tenant_id, "client_id": client_id}
        options.update(subscription_id=subscription_id, resource_group=resource_group)
        found: AzureDataLakeDatastore = _put(
            workspace, _record(datastore_name, "AzureDataLake", "none", options), {}, overwrite=overwrite
        )
        return found

    @staticmethod
    def register_azure_data_lake_gen2(
        workspace: Workspace,
        datastore_name: str,
        filesystem: str,
        account_name: str,
        tenant_id: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        resource_url: Optional[str] = None,
        authority_url: Optional[str] = None,
        protocol: Optional[str] = None,
        endpoint: Optional[str] = None,
        overwrite: bool = False,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        grant_workspace_access: bool = False,
    ) -> AzureDataLakeGen2Datastore:
        """Register a file system of a Data Lake Storage Gen2, opened by a service principal.

        Args:
            workspace: Where it becomes known.
            datastore_name: Its name there.
            filesystem: Of the account: its container.
            account_name: Of the storage account.
            tenant_id: Of the service principal; without one, whoever the server's process is signed in as.
            client_id: Of the service principal.
            client_secret: Of the service principal.
            resource_url: Accepted as in v1.
            authority_url: Kept.
            protocol: `https` by default.
            endpoint: `core.windows.net` by default.
            overwrite: Replace a datastore of this name.
            subscription_id: Of the account, kept.
            resource_group: Of the account, kept.
            grant_workspace_access: Accepted as in v1.

        Raises:
            UserErrorException: There is such a datastore.
        """
        options = {"protocol": protocol, "endpoint": endpoint, "tenant_id": tenant_id, "client_id": client_id}
        options.update(authority_url=authority_url, subscription_id=subscription_id, resource_group=resource_group)
        record = _record(datastore_name, "AzureDataLakeGen2", "azure_blob", options, account_name, filesystem)
        found: AzureDataLakeGen2Datastore = _put(
            workspace, record, {"client_secret": client_secret}, overwrite=overwrite
        )
        return found

    @staticmethod
    def register_dbfs(workspace: Workspace, datastore_name: str) -> DBFSDatastore:
        """Register the file system of a Databricks workspace: a record whose use here is an error that says so."""
        found: DBFSDatastore = _put(workspace, _record(datastore_name, "Dbfs", "none", {}), {}, overwrite=True)
        return found

    @staticmethod
    def register_hdfs(
        workspace: Workspace,
        datastore_name: str,
        protocol: str,
        namenode_address: str,
        hdfs_server_certificate: Optional[str],
        kerberos_realm: str,
        kerberos_kdc_address: str,
        kerberos_principal: str,
        kerberos_keytab: Optional[str] = None,
        kerberos_password: Optional[str] = None,
        overwrite: bool = False,
    ) -> HDFSDatastore:
        """Register a Hadoop file system: a record whose use here is an error that says so.

        Neither keytab nor password is kept: there is nothing that they would open.
        """
        options = {"protocol": protocol, "namenode_address": namenode_address, "kerberos_realm": kerberos_realm}
        options.update(kerberos_kdc_address=kerberos_kdc_address, kerberos_principal=kerberos_principal)
        found: HDFSDatastore = _put(
            workspace, _record(datastore_name, "Hdfs", "none", options), {}, overwrite=overwrite
        )
        return found

    # -- what v1 lacked -------------------------------------------------------------------------

    @staticmethod
    def register_local_folder(
        workspace: Workspace, datastore_name: str, path: str, overwrite: bool = False
    ) -> StoreDatastore:
        """Register a folder of the server's machine, one on NFS too.

        Raises:
            UserErrorException: There is such a datastore, or `path` is no folder.
        """
        import os

        record = _record(datastore_name, "LocalFolder", "local", {"root": os.path.abspath(path)})
        found: StoreDatastore = _put(workspace, record, {}, overwrite=overwrite, check=True)
        return found

    @staticmethod
    def register_s3(
        workspace: Workspace,
        datastore_name: str,
        bucket: str,
        prefix: Optional[str] = None,
        access_key_id: Optional[str] = None,
        secret_access_key: Optional[str] = None,
        session_token: Optional[str] = None,
        endpoint_url: Optional[str] = None,
        region: Optional[str] = None,
        overwrite: bool = False,
        create_if_not_exists: bool = False,
        skip_validation: bool = False,
    ) -> StoreDatastore:
        """Register an S3 bucket, or what lies below `prefix` in it.

        Without keys, those of the server's surroundings open it (`~/.aws`, an instance's role). `endpoint_url` names
        another service than Amazon's.

        Raises:
            UserErrorException: There is such a datastore, or the bucket does not open.
        """
        options = {"bucket": bucket, "prefix": prefix, "endpoint_url": endpoint_url, "region": region}
        credential = {"access_key_id": access_key_id, "secret_access_key": secret_access_key}
        found: StoreDatastore = _put(
            workspace,
            _record(datastore_name, "S3", "s3", options),
            {**credential, "session_token": session_token},
            overwrite=overwrite,
            check=not skip_validation,
            create=create_if_not_exists,
        )
        return found

    @staticmethod
    def register_gcs(
        workspace: Workspace,
        datastore_name: str,
        bucket: str,
        prefix: Optional[str] = None,
        service_account: Optional[str] = None,
        project: Optional[str] = None,
        overwrite: bool = False,
        skip_validation: bool = False,
    ) -> StoreDatastore:
        """Register a bucket of Google Cloud Storage, or what lies below `prefix` in it.

        `service_account` is the JSON text of a key; without it, the application default credentials of the server open
        the bucket.

        Raises:
            UserErrorException: There is such a datastore, or the bucket does not open.
        """
        options = {"bucket": bucket, "prefix": prefix, "project": project}
        record = _record(datastore_name, "GoogleCloudStorage", "gcs", options)
        credential = {"service_account": service_account}
        found: StoreDatastore = _put(workspace, record, credential, overwrite=overwrite, check=not skip_validation)
        return found

    @staticmethod
    def register_sftp(
        workspace: Workspace,
        datastore_name: str,
        host: str,
        username: str,
        path: Optional[str] = None,
        password: Optional[str] = None,
        private_key: Optional[str] = None,
        passphrase: Optional[str] = None,
        port: int = 22,
        host_key: Optional[str] = None,
        overwrite: bool = False,
        skip_validation: bool = False,
    ) -> StoreDatastore:
        """Register a folder of another machine, reached over SSH.

        Args:
            workspace: Where it becomes known.
            datastore_name: Its name there.
            host: The machine.
            username: On it.
            path: The folder; the user's own by default.
            password: Opens the account; or
            private_key: does, as the text of an OpenSSH key, with its
            passphrase: if it has one.
            port: Of the SSH server.
            host_key: The server's public key (`ssh-ed25519 AAAA…`); by default it must be in `~/.ssh/known_hosts`.
            overwrite: Replace a datastore of this name.
            skip_validation: Do not try now whether it opens.

        Raises:
            UserErrorException: There is such a datastore, or the folder does not open.
        """
        options = {"host": host, "port": port, "username": username, "path": path, "host_key": host_key}
        credential = {"password": password, "private_key": private_key, "passphrase": passphrase}
        record = _record(datastore_name, "Sftp", "sftp", options)
        found: StoreDatastore = _put(workspace, record, credential, overwrite=overwrite, check=not skip_validation)
        return found

    @staticmethod
    def register_url(
        workspace: Workspace,
        datastore_name: str,
        url: str,
        options: Optional[Dict[str, Any]] = None,
        credential: Optional[Dict[str, Any]] = None,
        overwrite: bool = False,
        skip_validation: bool = False,
    ) -> StoreDatastore:
        """Register what lies below any address that fsspec knows a file system for (`ftp://…`, `webhdfs://…`, …).

        `options` and `credential` are keyword arguments of that file system's class; only the latter are kept
        encrypted. Its library has to be installed beside azud.

        Raises:
            UserErrorException: There is such a datastore, or the address does not open.
        """
        record = _record(datastore_name, "Fsspec", "fsspec", {"url": url, **(options or {})})
        found: StoreDatastore = _put(
            workspace, record, credential or {}, overwrite=overwrite, check=not skip_validation
        )
        return found


def _record(
    name: str,
    kind: str,
    driver: str,
    options: Dict[str, Any],
    account: Optional[str] = None,
    container: Optional[str] = None,
) -> Dict[str, Any]:
    given = {"account_name": account, "container_name": container, **options}
    kept = {option: value for option, value in given.items() if value is not None}
    return {"name": name, "type": kind, "driver": driver, "options": kept}


def _put(
    workspace: Workspace,
    record: Dict[str, Any],
    credential: Dict[str, Any],
    *,
    overwrite: bool,
    check: bool = False,
    create: bool = False,
) -> Any:
    """Register a datastore and return its object."""
    from azud.sdk.datastore_kinds import made_of_record

    body = {**record, "credential": credential, "overwrite": overwrite, "check": check, "create": create}
    kept: Any = workspace._api.send("POST", "/datastores", body)
    found: AbstractDatastore = made_of_record(workspace, kept)
    return found
