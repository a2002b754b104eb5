"""What a workspace holds: compute targets, data, experiments, environments, models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

from azud.sdk.compute_defaults import DefaultCluster
from azud.sdk.exceptions import UserErrorException
from azud.sdk.support import not_yet, not_yet_property

if TYPE_CHECKING:
    from azud.sdk.compute import ComputeTarget
    from azud.sdk.dataset import FileOrTabularDataset
    from azud.sdk.datastore import FilesDatastore
    from azud.sdk.environment import Environment
    from azud.sdk.experiment import Experiment
    from azud.sdk.keyvault import Keyvault
    from azud.sdk.model import Model
    from azud.sdk.run import Run
    from azud.sdk.workspace import Workspace


class WorkspaceContents:
    """The part of `Workspace` that lists what is in it; each property reads the server's state."""

    DEFAULT_CPU_CLUSTER_NAME = "cpu-cluster"
    DEFAULT_GPU_CLUSTER_NAME = "gpu-cluster"
    DEFAULT_CPU_CLUSTER_CONFIGURATION = DefaultCluster("STANDARD_D2_V2")
    DEFAULT_GPU_CLUSTER_CONFIGURATION = DefaultCluster("STANDARD_NC6")

    @property
    def _whole(self) -> Workspace:
        """This object, as the class that it is always of."""
        return self  # type: ignore[return-value]

    @property
    def compute_targets(self) -> Dict[str, ComputeTarget]:
        """Compute targets by name."""
        from azud.sdk.compute import compute_of_record

        return {record["name"]: compute_of_record(self._whole, record) for record in self._whole._api.items("/compute")}

    def get_default_compute_target(self, type: str) -> Optional[ComputeTarget]:
        """Return the target that is called `cpu-cluster` or `gpu-cluster`, or None if there is none.

        Args:
            type: `CPU` or `GPU`.

        Raises:
            UserErrorException: It is another text.
        """
        names = {"CPU": self.DEFAULT_CPU_CLUSTER_NAME, "GPU": self.DEFAULT_GPU_CLUSTER_NAME}
        name = names.get(str(type).upper())
        if name is None:
            raise UserErrorException(f"type is {type!r}", hint="use 'CPU' or 'GPU'")
        return self.compute_targets.get(name)

    @property
    def datastores(self) -> Dict[str, FilesDatastore]:
        """Datastores by name."""
        from azud.sdk.datastore import datastore_of_record

        return {
            record["name"]: datastore_of_record(self._whole, record) for record in self._whole._api.items("/datastores")
        }

    def get_default_datastore(self) -> FilesDatastore:
        """Return the default datastore."""
        from azud.sdk.datastore import Datastore

        return Datastore.get_default(self._whole)

    def set_default_datastore(self, name: str) -> None:
        """Make a datastore the default one.

        Raises:
            UserErrorException: There is none of this name.
        """
        from azud.sdk.datastore import Datastore

        Datastore.get(self._whole, name).set_as_default()

    @property
    def datasets(self) -> Dict[str, FileOrTabularDataset]:
        """The newest version of every registered dataset, by name."""
        from azud.sdk.dataset import dataset_of_record

        found: Dict[str, Any] = {}
        for record in self._whole._api.items("/datasets"):
            known = found.get(record["name"])
            if known is None or known.version < record["version"]:
                found[record["name"]] = dataset_of_record(self._whole, record)
        return found

    @property
    def experiments(self) -> Dict[str, Experiment]:
        """Experiments by name."""
        from azud.sdk.experiment import Experiment

        return {experiment.name: experiment for experiment in Experiment.list(self._whole)}

    def get_run(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            UserErrorException: No such run.
        """
        from azud.sdk.run import Run

        return Run.get(self._whole, run_id)

    @property
    def environments(self) -> Dict[str, Environment]:
        """Registered environments by name."""
        from azud.sdk.environment import Environment

        return Environment.list(self._whole)

    @property
    def models(self) -> Dict[str, Model]:
        """The newest version of every registered model, by name."""
        from azud.sdk.model import Model

        return {model.name: model for model in Model.list(self._whole, latest=True)}

    @property
    def webservices(self) -> Dict[str, Any]:
        """Always empty: nothing serves models yet."""
        return {}

    @property
    def images(self) -> Dict[str, Any]:
        """Always empty: no images are built."""
        return {}

    @property
    def linked_services(self) -> Dict[str, Any]:
        """Always empty: no other services are linked."""
        return {}

    @property
    def private_endpoints(self) -> Dict[str, Any]:
        """Always empty: nothing of Azure's networks is here."""
        return {}

    def get_default_keyvault(self) -> Keyvault:
        """Return the workspace's secrets."""
        from azud.sdk.keyvault import Keyvault

        return Keyvault(self._whole)

    get_mlflow_tracking_uri = not_yet("Workspace.get_mlflow_tracking_uri", "mlflow")
    set_connection = not_yet("Workspace.set_connection", "secrets")
    get_connection = not_yet("Workspace.get_connection", "secrets")
    list_connections = not_yet("Workspace.list_connections", "secrets")
    delete_connection = not_yet("Workspace.delete_connection", "secrets")
    add_private_endpoint = not_yet("Workspace.add_private_endpoint", "linked")
    delete_private_endpoint_connection = not_yet("Workspace.delete_private_endpoint_connection", "linked")
    update_dependencies = not_yet("Workspace.update_dependencies", "linked")
    list_keys = not_yet("Workspace.list_keys", "linked")
    sync_keys = not_yet("Workspace.sync_keys", "linked")
    diagnose_workspace = not_yet("Workspace.diagnose_workspace", "diagnosis")
    discovery_url = not_yet_property("Workspace.discovery_url", "internal")
    service_context = not_yet_property("Workspace.service_context", "internal")
