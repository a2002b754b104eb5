"""`Workspace`: where experiments, data, compute targets and runs are kept."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional

from azud.client import homes
from azud.client.configs import WorkspaceNames, find_config, read_config, scope_of
from azud.client.homes import Home
from azud.client.transport import Client, in_job
from azud.sdk.exceptions import UserErrorException, WorkspaceException, translated
from azud.sdk.support import Api, not_yet, text_items
from azud.sdk.workspace_contents import WorkspaceContents
from azud.sdk.workspace_places import existing_home, is_job_workspace, job_names, named, registered

_job_clients: Dict[str, Client] = {}


class Workspace(WorkspaceContents):
    """A workspace on this machine; its server is started by the first call that needs it."""

    def __init__(
        self,
        subscription_id: str,
        resource_group: str,
        workspace_name: str,
        auth: Any = None,
        sku: str = "basic",
        tags: Optional[Mapping[str, str]] = None,
        **kwargs: Any,
    ) -> None:
        """Open the workspace of these names, in whatever case; sku and tags are accepted as in v1.

        Raises:
            WorkspaceException: None of these names is on this machine.
        """
        self._names = WorkspaceNames(subscription_id, resource_group, workspace_name)
        self._home: Optional[Home] = kwargs.get("_home")
        self._api_value: Optional[Api] = None
        self._details: Dict[str, Any] = {}
        self._sku = sku
        self._auth = auth
        if self._home is None and not is_job_workspace(self._names):
            with translated(WorkspaceException):
                self._home = homes.home_of_names(self._names, asked_by="the program")
            self._names = self._home.names  # as they were first written
        if auth is not None and self._home is not None:
            from azud.sdk.authentication import AbstractAuthentication

            if isinstance(auth, AbstractAuthentication):
                auth._serve(self._home.path)

    @staticmethod
    def from_config(
        path: Optional[str] = None, auth: Any = None, _logger: Any = None, _file_name: Optional[str] = None
    ) -> Workspace:
        """Return the workspace that a `config.json` names: `.azureml/config.json` here or in a folder above.

        Args:
            path: A folder to start from, or the file.
            auth: Accepted as in v1; its header will be that of this workspace.
            _file_name: What the file is called, if not `config.json`.

        Raises:
            UserErrorException: No configuration, a damaged one, or a workspace that is not on this machine.
        """
        if path is not None and not os.path.exists(path):
            raise UserErrorException(f"{path!r} does not exist", hint="make a workspace with `azud init`")
        with translated():
            if in_job():
                config = find_config(path, _file_name)
                names = read_config(config) if config is not None else None
                if names is None or is_job_workspace(names):
                    return Workspace(*job_names(), auth=auth)
            return Workspace._of_home(homes.find_home(path, _file_name), auth)

    @staticmethod
    def create(
        name: str,
        auth: Any = None,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        location: Optional[str] = None,
        create_resource_group: bool = True,
        sku: str = "basic",
        tags: Optional[Mapping[str, str]] = None,
        friendly_name: Optional[str] = None,
        storage_account: Any = None,
        key_vault: Any = None,
        app_insights: Any = None,
        container_registry: Any = None,
        adb_workspace: Any = None,
        primary_user_assigned_identity: Any = None,
        cmk_keyvault: Any = None,
        resource_cmk_uri: Any = None,
        hbi_workspace: bool = False,
        default_cpu_compute_target: Any = None,
        default_gpu_compute_target: Any = None,
        private_endpoint_config: Any = None,
        private_endpoint_auto_approval: bool = True,
        exist_ok: bool = False,
        show_output: bool = True,
        user_assigned_identity_for_cmk_encryption: Any = None,
        system_datastores_auth_mode: str = "accessKey",
        v1_legacy_mode: Optional[bool] = None,
    ) -> Workspace:
        """Make a workspace in the current folder: `.azureml/config.json` and `.azud/`.

        `name` has 3–33 letters, digits, `_` or `-`; `subscription_id` and `resource_group` are any texts, parts of the
        workspace's name. `tags` and `friendly_name` are kept. With `exist_ok` the workspace that has this name is
        returned. `default_cpu_compute_target` and `default_gpu_compute_target` are configurations of targets that are
        made with it. Azure's resources (storage account, key vault …) have no meaning here, so they are accepted and
        not made.

        Raises:
            WorkspaceException: It exists and `exist_ok` is False, the folder holds another, or the name is not valid.
        """
        names = WorkspaceNames(
            subscription_id or homes.LOCAL_SUBSCRIPTION, resource_group or homes.LOCAL_RESOURCE_GROUP, name
        )
        with translated(WorkspaceException):
            existing = existing_home(names)
            if existing is not None and exist_ok:
                return Workspace._of_home(existing, auth)
            if existing is not None:
                raise WorkspaceException(
                    f"workspace {name!r} exists already, in {existing.path}", hint="pass exist_ok=True to use it"
                )
            home = homes.create_home(
                os.getcwd(),
                name,
                subscription_id=names.subscription_id,
                resource_group=names.resource_group,
            )
        if show_output:
            print(f"Workspace {name} is in {home.path}")
        made = Workspace._of_home(home, auth)
        if tags or friendly_name:
            made.update(friendly_name=friendly_name, tags=tags)
        made._furnish(default_cpu_compute_target, default_gpu_compute_target)
        return made

    @staticmethod
    def get(
        name: str,
        auth: Any = None,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        location: Optional[str] = None,
        cloud: str = "AzureCloud",
        id: Optional[str] = None,
    ) -> Workspace:
        """Return the workspace of this name on this machine.

        Args:
            name: Its name.
            auth: Accepted as in v1; its header will be that of this workspace.
            subscription_id: Needed if several have the name.
            resource_group: Needed if several have the name.
            location: Accepted; every workspace is here.
            cloud: Accepted.
            id: Azure's id of the workspace, which says all of its names.

        Raises:
            WorkspaceException: None, or several of this name and not enough said to choose.
        """
        return Workspace(*named(name, subscription_id, resource_group, id), auth=auth)

    @staticmethod
    def list(
        subscription_id: str, auth: Any = None, resource_group: Optional[str] = None
    ) -> Dict[str, List[Workspace]]:
        """Return the subscription's workspaces on this machine, by name."""
        found: Dict[str, List[Workspace]] = {}
        for names in registered(subscription_id, resource_group):
            found.setdefault(names.workspace_name, []).append(Workspace(*names, auth=auth))
        return found

    @staticmethod
    def setup() -> Workspace:
        """Return the workspace of the current folder, made if there is none.

        Raises:
            UserErrorException: Its configuration is damaged, or the folder cannot be written.
        """
        with translated():
            config = find_config()
            return Workspace._of_home(homes.find_home() if config else homes.create_home(os.getcwd()))

    def write_config(self, path: Optional[str] = None, file_name: Optional[str] = None) -> None:
        """Write `.azureml/config.json` below a folder (the current one), so that `from_config` finds this workspace."""
        import json

        folder = os.path.join(path or ".", ".azureml")
        os.makedirs(folder, exist_ok=True)
        content = {"Id": None, "Scope": scope_of(self._names)}
        with open(os.path.join(folder, file_name or "config.json"), "w", encoding="utf-8") as stream:
            json.dump(content, stream)

    # What it is

    @property
    def name(self) -> str:
        """The name."""
        return self._names.workspace_name

    @property
    def subscription_id(self) -> str:
        """The subscription's id, which is only a name here."""
        return self._names.subscription_id

    @property
    def resource_group(self) -> str:
        """The resource group, which is only a name here."""
        return self._names.resource_group

    @property
    def location(self) -> str:
        """Where it is."""
        return str(self._facts()["location"])

    @property
    def sku(self) -> str:
        """As given; it has no meaning here."""
        return self._sku

    @property
    def tags(self) -> Dict[str, str]:
        """As they were set with `create` or `update`."""
        return dict(self._facts()["tags"])

    def get_details(self) -> Dict[str, Any]:
        """Return what is known of the workspace, in Azure's words where they fit."""
        facts = self._facts()
        return {
            "id": scope_of(self._names),
            "name": self.name,
            "location": facts["location"],
            "type": "Microsoft.MachineLearningServices/workspaces",
            "tags": self.tags,
            "sku": self._sku.capitalize(),
            "workspaceid": facts["id"],
            "description": facts["description"],
            "friendlyName": facts["friendly_name"] or self.name,
            "creationTime": facts["created_at"],
            "home": facts["home"],
            "azudVersion": facts["version"],
        }

    def update(
        self,
        friendly_name: Optional[str] = None,
        description: Optional[str] = None,
        tags: Optional[Mapping[str, str]] = None,
        image_build_compute: Optional[str] = None,
        service_managed_resources_settings: Any = None,
        primary_user_assigned_identity: Optional[str] = None,
        allow_public_access_when_behind_vnet: Optional[bool] = None,
        v1_legacy_mode: Optional[bool] = None,
    ) -> Dict[str, Any]:
        """Keep what people say of the workspace, and return its details.

        Args:
            friendly_name: What people call it.
            description: What it is for.
            tags: These take the place of all earlier ones.
            image_build_compute: Not there yet.
            service_managed_resources_settings: Not there yet.
            primary_user_assigned_identity: Not there yet.
            allow_public_access_when_behind_vnet: Not there yet.
            v1_legacy_mode: Accepted: this is v1.

        Raises:
            WorkspaceException: A value is of a wrong kind.
            NotYetError: One of the settings that are not there yet.
        """
        if image_build_compute is not None:
            not_yet("Workspace.update(image_build_compute=…)")()
        if service_managed_resources_settings is not None:
            not_yet("Workspace.update(service_managed_resources_settings=…)")()
        if primary_user_assigned_identity is not None:
            not_yet("Workspace.update(primary_user_assigned_identity=…)")()
        if allow_public_access_when_behind_vnet is not None:
            not_yet("Workspace.update(allow_public_access_when_behind_vnet=…)")()
        given = {
            "friendly_name": friendly_name,
            "description": description,
            "tags": None if tags is None else text_items(tags),
        }
        body = {name: value for name, value in given.items() if value is not None}
        self._details = self._api.send("PATCH", "/workspace", body, repeat=True, kind=WorkspaceException)
        return self.get_details()

    def delete(self, delete_dependent_resources: bool = False, no_wait: bool = False) -> None:
        """Take the workspace out of use: its folder `.azud` moves to `.azud.deleted`, beside it, and nothing is lost.

        The files that configure projects (`.azureml/config.json`) stay.

        Args:
            delete_dependent_resources: Remove that folder for good, with every run, model and file of its datastores.
            no_wait: Accepted; this returns when it is done.

        Raises:
            WorkspaceException: In a job, while runs are active, or its server does not end.
        """
        from azud.sdk.workspace_removing import delete

        delete(self, for_good=delete_dependent_resources)

    # Within the SDK

    @property
    def _api(self) -> Api:
        if self._api_value is None:
            self._api_value = Api(self._connect())
        return self._api_value

    def _connect(self) -> Client:
        if in_job() and is_job_workspace(self._names):
            address = os.environ.get("AZUD_ENDPOINT", "")
            if address not in _job_clients:
                _job_clients[address] = Client(address, token=os.environ.get("AZUREML_RUN_TOKEN"))
            return _job_clients[address]
        from azud.client.launch import connect

        with translated():
            if self._home is None:
                self._home = homes.home_of_names(self._names, asked_by="the program")
            return connect(self._home)

    def _facts(self) -> Dict[str, Any]:
        if not self._details:
            self._details = self._api.get("/workspace")
        return self._details

    def _furnish(self, cpu: Any, gpu: Any) -> None:
        """Make the default compute targets of which there are configurations."""
        from azud.sdk.compute import ComputeTarget

        wanted = {self.DEFAULT_CPU_CLUSTER_NAME: cpu, self.DEFAULT_GPU_CLUSTER_NAME: gpu}
        for name, configuration in wanted.items():
            if configuration is not None:
                ComputeTarget.create(self, name, configuration)

    @classmethod
    def _of_home(cls, home: Home, auth: Any = None) -> Workspace:
        return cls(*home.names, auth=auth, _home=home)

    def __deepcopy__(self, memo: Any) -> Workspace:
        return self

    def __repr__(self) -> str:
        return (
            f"Workspace.create(name='{self.name}', subscription_id='{self.subscription_id}', "
            f"resource_group='{self.resource_group}')"
        )


def default_workspace() -> Workspace:
    """Return the workspace of the current folder, or in a job its own, for those who name none.

    Raises:
        UserErrorException: The folder belongs to no workspace.
    """
    return Workspace.from_config()
