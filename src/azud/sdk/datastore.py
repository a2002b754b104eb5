"""Datastores: places for data, known to the workspace by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Union

from azud.sdk import datastore_files
from azud.sdk.datapath import DataReference
from azud.sdk.datastore_registering import DatastoreRegistering
from azud.sdk.datastore_sql_registering import SqlRegistering
from azud.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class AbstractDatastore:
    """What all datastores have: workspace, name and type."""

    def __init__(self, workspace: Optional[Workspace], name: str, datastore_type: str) -> None:
        """Name a datastore; nothing is asked or stored."""
        self.workspace = workspace
        self.name = name
        self.datastore_type = datastore_type
        self._record: Dict[str, Any] = {}

    def set_as_default(self) -> None:
        """Make this the workspace's default datastore."""
        self._workspace()._api.send("POST", f"/datastores/{self.name}/default", repeat=True)

    def unregister(self) -> None:
        """Forget the datastore in the workspace; its data stay."""
        self._workspace()._api.send("DELETE", f"/datastores/{self.name}")

    def _workspace(self) -> Workspace:
        if self.workspace is None:
            raise UserErrorException(f"datastore {self.name!r} belongs to no workspace")
        return self.workspace

    def _local_root(self) -> Optional[str]:
        """Return the local folder that holds the bytes, if this process can use it."""
        root = self._record.get("local_root")
        return root if isinstance(root, str) and os.path.isdir(root) else None

    def __repr__(self) -> str:
        return f'{{"name": "{self.name}", "datastore_type": "{self.datastore_type}"}}'


class FilesDatastore(AbstractDatastore):
    """A datastore of files, wherever they lie: a folder of this machine, or a store that the server reaches."""

    def path(self, path: Optional[str] = None, data_reference_name: Optional[str] = None) -> DataReference:
        """Return a reference to a path on this datastore."""
        return DataReference(self, data_reference_name, path)

    def as_download(self, path_on_compute: Optional[str] = None) -> DataReference:
        """Return a reference to the root that is downloaded for the job."""
        return DataReference(self, mode="download", path_on_compute=path_on_compute)

    def as_upload(self, path_on_compute: Optional[str] = None) -> DataReference:
        """Return a reference to the root that is uploaded after the job."""
        return DataReference(self, mode="upload", path_on_compute=path_on_compute)

    def as_mount(self) -> DataReference:
        """Return a reference to the root that is mounted for the job."""
        return DataReference(self, mode="mount")

    def upload(
        self,
        src_dir: str,
        target_path: Optional[str] = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> DataReference:
        """Copy a local folder's files to the datastore and return a reference to where they are.

        Args:
            src_dir: Local folder; its structure is kept.
            target_path: Folder on the datastore; its root by default.
            overwrite: Replace files that exist; else they are left and said to be skipped.
            show_progress: Print what is uploaded.

        Raises:
            UserErrorException: No such folder, or a target outside of the datastore.
        """
        if not os.path.isdir(src_dir):
            raise UserErrorException(f"{src_dir!r} is not a folder", hint="upload_files takes single files")
        files = datastore_files.files_below(src_dir)
        return self._upload(files, src_dir, target_path, overwrite, show_progress)

    def upload_files(
        self,
        files: List[str],
        relative_root: Optional[str] = None,
        target_path: Optional[str] = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> DataReference:
        """Copy local files to the datastore and return a reference to where they are.

        Args:
            files: Local paths.
            relative_root: Folder whose structure below is kept; by default the folder common to all files.
            target_path: Folder on the datastore; its root by default.
            overwrite: Replace files that exist; else they are left and said to be skipped.
            show_progress: Print what is uploaded.

        Raises:
            UserErrorException: A file is missing or lies outside of `relative_root`.
        """
        paths = [os.path.abspath(path) for path in files]
        for path in paths:
            if not os.path.isfile(path):
                raise UserErrorException(f"{path!r} is not a file", hint="check the list given to upload_files")
        root = os.path.abspath(relative_root) if relative_root else datastore_files.common_folder(paths)
        return self._upload(paths, root, target_path, overwrite, show_progress)

    def download(
        self,
        target_path: str,
        prefix: Optional[str] = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> int:
        """Copy files of the datastore below `target_path`, under their paths on the datastore.

        Args:
            target_path: Local folder.
            prefix: Only files whose path starts with this text.
            overwrite: Replace local files that exist; else they are left and not counted.
            show_progress: Print what is downloaded.

        Returns:
            How many files were written.
        """
        return datastore_files.download(self, target_path, prefix or "", overwrite, show_progress)

    def _upload(
        self, files: List[str], root: str, target_path: Optional[str], overwrite: bool, show_progress: bool
    ) -> DataReference:
        target = (target_path or "").strip("/")
        datastore_files.upload(self, files, root, target, overwrite, show_progress)
        return DataReference(self, path_on_datastore=target or None)


class AbstractAzureStorageDatastore(FilesDatastore):
    """A container of an Azure storage account; the workspace's own two are folders unless they were bound to one."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        datastore_type: str,
        container_name: Optional[str] = None,
        account_name: Optional[str] = None,
        sas_token: Optional[str] = None,
        account_key: Optional[str] = None,
        protocol: Optional[str] = None,
        endpoint: Optional[str] = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, datastore_type)
        self.container_name = container_name or name
        self.account_name = account_name
        self.sas_token = sas_token
        self.account_key = account_key
        self.credential_type: Optional[str] = None
        self.protocol = protocol
        self.endpoint = endpoint

    @property
    def is_sas(self) -> bool:
        """Whether a SAS token is the credential."""
        return self.sas_token is not None


class AzureBlobDatastore(AbstractAzureStorageDatastore):
    """A blob container."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        container_name: Optional[str] = None,
        account_name: Optional[str] = None,
        sas_token: Optional[str] = None,
        account_key: Optional[str] = None,
        protocol: Optional[str] = None,
        endpoint: Optional[str] = None,
        request_session: Any = None,
        workspace_msi_has_access: bool = False,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        service_data_access_auth_identity: Any = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(
            workspace, name, "AzureBlob", container_name, account_name, sas_token, account_key, protocol, endpoint
        )
        self.subscription_id, self.resource_group = subscription_id, resource_group


class AzureFileDatastore(AbstractAzureStorageDatastore):
    """A file share."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        container_name: Optional[str] = None,
        account_name: Optional[str] = None,
        sas_token: Optional[str] = None,
        account_key: Optional[str] = None,
        protocol: Optional[str] = None,
        endpoint: Optional[str] = "core.windows.net",
        request_session: Any = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(
            workspace, name, "AzureFile", container_name, account_name, sas_token, account_key, protocol, endpoint
        )


def datastore_of_record(workspace: Workspace, record: Dict[str, Any]) -> FilesDatastore:
    """Return the datastore object for the API's description of one; it never holds what opens the store."""
    from azud.sdk.datastore_kinds import made_of_record

    found: FilesDatastore = made_of_record(workspace, record)
    return found


class Datastore(DatastoreRegistering, SqlRegistering):
    """`Datastore(workspace, name)` gives the datastore of that name, as an object of its own class."""

    def __new__(  # type: ignore[misc]
        cls, workspace: Workspace, name: Union[str, AbstractDatastore, None] = None
    ) -> FilesDatastore:
        """Return the datastore; the default one without a name. A datastore object stands for its own name.

        Raises:
            UserErrorException: The workspace has no datastore of that name.
        """
        if name is None:
            return cls.get_default(workspace)
        return cls.get(workspace, name.name if isinstance(name, AbstractDatastore) else name)

    @staticmethod
    def get(workspace: Workspace, datastore_name: str) -> FilesDatastore:
        """Return the datastore of that name.

        Raises:
            UserErrorException: The workspace has none.
        """
        if not isinstance(datastore_name, str) or "/" in datastore_name or not datastore_name:
            raise UserErrorException(f"{datastore_name!r} is not the name of a datastore")
        record = workspace._api.find(f"/datastores/{datastore_name}")
        if record is None:
            raise UserErrorException(
                f"Could not find datastore {datastore_name} in workspace {workspace.name}",
                hint="see `azud datastore ls`",
                code="not_found",
            )
        return datastore_of_record(workspace, record)

    @staticmethod
    def get_default(workspace: Workspace) -> FilesDatastore:
        """Return the workspace's default datastore."""
        for record in workspace._api.items("/datastores"):
            if record["is_default"]:
                return datastore_of_record(workspace, record)
        raise UserErrorException("the workspace has no default datastore", hint="choose one: set_as_default()")
