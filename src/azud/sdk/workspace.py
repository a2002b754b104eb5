"""`Workspace`: where experiments, data, compute targets and runs are kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from azud.client import homes
from azud.client.homes import Home, WorkspaceNames
from azud.client.transport import Client, in_job
from azud.core.errors import NotFoundError
from azud.sdk.exceptions import UserErrorException, WorkspaceException, translated
from azud.sdk.support import Api, not_yet

if TYPE_CHECKING:
    from azud.sdk.compute import ComputeTarget
    from azud.sdk.dataset import RegisteredDataset
    from azud.sdk.datastore import AbstractAzureStorageDatastore
    from azud.sdk.environment import Environment
    from azud.sdk.experiment import Experiment
    from azud.sdk.model import Model
    from azud.sdk.run import Run

_job_clients: Dict[str, Client] = {}


class Workspace:
    """A workspace on this machine; its server is started by the first call that needs it."""

    DEFAULT_CPU_CLUSTER_NAME = "cpu-cluster"
    DEFAULT_GPU_CLUSTER_NAME = "gpu-cluster"

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
        """Open the workspace of these names.

        Raises:
            WorkspaceException: None of these names is on this machine.
        """
        self._names = WorkspaceNames(subscription_id, resource_group, workspace_name)
        self._home: Optional[Home] = kwargs.get("_home")
        self._api_value: Optional[Api] = None
        self._details: Dict[str, Any] = {}
        self._sku = sku
        self._tags = dict(tags or {})
        if self._home is None and not _is_job_workspace(self._names):
            with translated(WorkspaceException):
                self._home = homes.home_of_names(self._names, asked_by="the program")

    @staticmethod
    def from_config(
        path: Optional[str] = None, auth: Any = None, _logger: Any = None, _file_name: Any = None
    ) -> Workspace:
        """Return the workspace that a `config.json` names: `.azureml/config.json` here or in a folder above.

        Args:
            path: A folder to start from, or the file.
            auth: Accepted as in v1; a workspace on this machine needs no sign-in.

        Raises:
            UserErrorException: No configuration, a damaged one, or a workspace that is not on this machine.
        """
        if path is not None and not os.path.exists(path):
            raise UserErrorException(f"{path!r} does not exist", hint="make a workspace with `azud init`")
        with translated():
            if in_job():
                config = homes.find_config(path)
                names = homes.read_config(config) if config is not None else None
                if names is None or _is_job_workspace(names):
                    return Workspace._of_job()
            return Workspace._of_home(homes.find_home(path))

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
        workspace's name. With `exist_ok` the workspace that has this name is returned. Azure's resources (storage
        account, key vault …) have no meaning here, so they are accepted and not made.

        Raises:
            WorkspaceException: It exists and `exist_ok` is False, the folder holds another, or the name is not valid.
        """
        names = WorkspaceNames(
            subscription_id or homes.LOCAL_SUBSCRIPTION, resource_group or homes.LOCAL_RESOURCE_GROUP, name
        )
        with translated(WorkspaceException):
            existing = _existing(names)
            if existing is not None and exist_ok:
                return Workspace._of_home(existing)
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
        return Workspace._of_home(home)

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

        Raises:
            WorkspaceException: None, or several of this name and not enough said to choose.
        """
        found = [
            WorkspaceNames(*key.split("/"))
            for key in homes.read_registry()
            if key.count("/") == 2 and key.endswith(f"/{name}")
        ]
        matching = [
            names
            for names in found
            if subscription_id in (None, names.subscription_id) and resource_group in (None, names.resource_group)
        ]
        if len(matching) == 1:
            return Workspace(*matching[0])
        if not matching:
            raise WorkspaceException(
                f"workspace {name!r} does not exist on this machine",
                hint="make it with `azud init` or Workspace.create",
                code="not_found",
            )
        raise WorkspaceException(f"several workspaces are called {name!r}", hint="give the resource group")

    @staticmethod
    def list(
        subscription_id: str, auth: Any = None, resource_group: Optional[str] = None
    ) -> Dict[str, List[Workspace]]:
        """Return the subscription's workspaces on this machine, by name."""
        found: Dict[str, List[Workspace]] = {}
        for key in homes.read_registry():
            names = WorkspaceNames(*key.split("/")) if key.count("/") == 2 else None
            if names is None or names.subscription_id != subscription_id:
                continue
            if resource_group in (None, names.resource_group) and _existing(names) is not None:
                found.setdefault(names.workspace_name, []).append(Workspace(*names))
        return found

    def write_config(self, path: Optional[str] = None, file_name: Optional[str] = None) -> None:
        """Write `.azureml/config.json` below a folder (the current one), so that `from_config` finds this workspace."""
        import json

        folder = os.path.join(path or ".", ".azureml")
        os.makedirs(folder, exist_ok=True)
        scope = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}/providers"
        content = {"Id": None, "Scope": f"{scope}/Microsoft.MachineLearningServices/workspaces/{self.name}"}
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
        """As given."""
        return self._sku

    @property
    def tags(self) -> Dict[str, str]:
        """As given."""
        return dict(self._tags)

    def get_details(self) -> Dict[str, Any]:
        """Return what is known of the workspace, in Azure's words where they fit."""
        facts = self._facts()
        scope = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}/providers"
        return {
            "id": f"{scope}/Microsoft.MachineLearningServices/workspaces/{self.name}",
            "name": self.name,
            "location": facts["location"],
            "type": "Microsoft.MachineLearningServices/workspaces",
            "tags": self.tags,
            "sku": self._sku.capitalize(),
            "workspaceid": facts["id"],
            "friendlyName": self.name,
            "creationTime": facts["created_at"],
            "home": facts["home"],
            "azudVersion": facts["version"],
        }

    # What it holds

    @property
    def compute_targets(self) -> Dict[str, ComputeTarget]:
        """Compute targets by name."""
        from azud.sdk.compute import compute_of_record

        return {record["name"]: compute_of_record(self, record) for record in self._api.items("/compute")}

    @property
    def datastores(self) -> Dict[str, AbstractAzureStorageDatastore]:
        """Datastores by name."""
        from azud.sdk.datastore import datastore_of_record

        return {record["name"]: datastore_of_record(self, record) for record in self._api.items("/datastores")}

    @property
    def datasets(self) -> Dict[str, RegisteredDataset]:
        """The newest version of every registered dataset, by name."""
        from azud.sdk.dataset import dataset_of_record

        found: Dict[str, Any] = {}
        for record in self._api.items("/datasets"):
            known = found.get(record["name"])
            if known is None or known.version < record["version"]:
                found[record["name"]] = dataset_of_record(self, record)
        return found

    @property
    def experiments(self) -> Dict[str, Experiment]:
        """Experiments by name."""
        from azud.sdk.experiment import Experiment

        return {experiment.name: experiment for experiment in Experiment.list(self)}

    @property
    def environments(self) -> Dict[str, Environment]:
        """Registered environments by name."""
        from azud.sdk.environment import Environment

        return Environment.list(self)

    def get_default_datastore(self) -> AbstractAzureStorageDatastore:
        """Return the default datastore."""
        from azud.sdk.datastore import Datastore

        return Datastore.get_default(self)

    def set_default_datastore(self, name: str) -> None:
        """Make a datastore the default one.

        Raises:
            UserErrorException: There is none of this name.
        """
        from azud.sdk.datastore import Datastore

        Datastore.get(self, name).set_as_default()

    def get_run(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            UserErrorException: No such run.
        """
        from azud.sdk.run import Run

        return Run.get(self, run_id)

    def delete(self, delete_dependent_resources: bool = False, no_wait: bool = False) -> None:
        """Say that azud does not have this yet."""
        not_yet("Workspace.delete")()

    get_default_compute_target = not_yet("Workspace.get_default_compute_target")
    get_default_keyvault = not_yet("Workspace.get_default_keyvault")
    get_mlflow_tracking_uri = not_yet("Workspace.get_mlflow_tracking_uri")
    update = not_yet("Workspace.update")

    @property
    def models(self) -> Dict[str, Model]:
        """The newest version of every registered model, by name."""
        from azud.sdk.model import Model

        return {model.name: model for model in Model.list(self, latest=True)}

    # Within the SDK

    @property
    def _api(self) -> Api:
        if self._api_value is None:
            self._api_value = Api(self._connect())
        return self._api_value

    def _connect(self) -> Client:
        if in_job() and _is_job_workspace(self._names):
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

    @classmethod
    def _of_home(cls, home: Home) -> Workspace:
        return cls(*home.names, _home=home)

    @classmethod
    def _of_job(cls) -> Workspace:
        return cls(*_job_names())

    def __deepcopy__(self, memo: Any) -> Workspace:
        return self

    def __repr__(self) -> str:
        return (
            f"Workspace.create(name='{self.name}', subscription_id='{self.subscription_id}', "
            f"resource_group='{self.resource_group}')"
        )


def _job_names() -> WorkspaceNames:
    names = ("AZUREML_ARM_SUBSCRIPTION", "AZUREML_ARM_RESOURCEGROUP", "AZUREML_ARM_WORKSPACE_NAME")
    return WorkspaceNames(*(os.environ.get(name, "") for name in names))


def _is_job_workspace(names: WorkspaceNames) -> bool:
    return in_job() and bool(os.environ.get("AZUD_ENDPOINT")) and names == _job_names()


def _existing(names: WorkspaceNames) -> Optional[Home]:
    try:
        return homes.home_of_names(names)
    except NotFoundError:
        return None
