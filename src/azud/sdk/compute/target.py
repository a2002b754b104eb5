"""`ComputeTarget`: where steps run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from azud.client.transport import in_job
from azud.sdk.compute.aml_status import AmlComputeProvisioningConfiguration
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import not_yet, text_items

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

_RESERVED = ("amlcompute", "local", "containerinstance")


class ComputeTarget:
    """A compute target of the workspace. `ComputeTarget(workspace, name)` gives an object of its own class."""

    def __new__(cls, workspace: Workspace, name: str) -> Any:
        """Return the compute target of this name.

        Raises:
            ComputeTargetException: The workspace has none; the message starts `ComputeTargetNotFound`.
        """
        record = workspace._api.find(f"/compute/{name}")
        if record is None:
            raise ComputeTargetException(
                f"ComputeTargetNotFound: Compute Target with name {name} not found in workspace {workspace.name}",
                code="not_found",
            )
        return compute_of_record(workspace, record)

    def __init__(self, workspace: Workspace, name: str) -> None:
        """Open a compute target; see `__new__`, which has read it."""

    @staticmethod
    def create(workspace: Workspace, name: str, provisioning_configuration: Any) -> Any:
        """Create a compute target and return it.

        Effects: one record on the server; no machine is rented.

        Raises:
            ComputeTargetException: In a job, a reserved name, or settings that contradict each other.
        """
        refuse_in_job("create a compute target")
        if not isinstance(name, str) or not name or name.lower() in _RESERVED:
            raise ComputeTargetException(f"{name!r} cannot be the name of a compute target")
        if not isinstance(provisioning_configuration, AmlComputeProvisioningConfiguration):
            raise ComputeTargetException(
                f"azud cannot create a compute target of a {type(provisioning_configuration).__name__} yet",
                hint="use AmlCompute.provisioning_configuration",
            )
        provisioning_configuration.validate_configuration()
        return put_record(workspace, name, provisioning_configuration)

    @staticmethod
    def list(workspace: Workspace) -> List[Any]:
        """Return the workspace's compute targets."""
        return [target for target in workspace.compute_targets.values()]

    attach = staticmethod(not_yet("ComputeTarget.attach"))
    detach = not_yet("ComputeTarget.detach")

    # Objects are made by `_of_record`; these are their fields.
    name: str
    type: str
    workspace: Workspace
    _record: Dict[str, Any]

    @classmethod
    def _of_record(cls, workspace: Workspace, record: Dict[str, Any]) -> Any:
        found = object.__new__(cls)
        found.workspace = workspace
        found._take(record)
        return found

    def _take(self, record: Dict[str, Any]) -> None:
        self._record = record
        self.name = record["name"]
        self.type = record["type"]
        self.tags = dict(record.get("tags") or {})
        self.description = record.get("description") or None
        self.created_on = record.get("created_at")
        self.modified_on = record.get("modified_at")
        self.provisioning_state = record.get("provisioning_state")
        self.provisioning_errors = None
        self.location = self.cluster_location = "local"
        self.is_attached = False
        self.cluster_resource_id = None
        self.id = (
            f"/subscriptions/{self.workspace.subscription_id}/resourceGroups/{self.workspace.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace.name}/computes/{self.name}"
        )

    def refresh_state(self) -> None:
        """Read the server's state again.

        Raises:
            ComputeTargetException: The target is gone.
        """
        self._take(self.workspace._api.get(f"/compute/{self.name}", kind=ComputeTargetException))

    def get_status(self) -> Any:
        """Return the provisioning state."""
        self.refresh_state()
        return self.provisioning_state

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False) -> None:
        """Return when the target is there, which it is once it has been created."""
        if show_output:
            print(f"{self.name}: {self.get_status()}")

    def delete(self) -> None:
        """Forget the target; runs that it had keep its name.

        Raises:
            ComputeTargetException: In a job, or the target is gone.
        """
        refuse_in_job("delete a compute target")
        self.workspace._api.send("DELETE", f"/compute/{self.name}", kind=ComputeTargetException)

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "id": self.id,
            "name": self.name,
            "location": self.location,
            "tags": self.tags,
            "properties": {
                "description": self.description,
                "computeType": self.type,
                "computeLocation": self.location,
                "provisioningState": self.provisioning_state,
                "provisioningErrors": None,
            },
        }

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(workspace={self.workspace!r}, name={self.name}, id={self.id}, type={self.type}, "
            f"provisioning_state={self.provisioning_state}, location={self.location}, tags={self.tags})"
        )


def compute_of_record(workspace: Workspace, record: Dict[str, Any]) -> Any:
    """Return the compute target object for the API's description of one."""
    from azud.sdk.compute.aml import AmlCompute

    cls = AmlCompute if record["type"] == "AmlCompute" else ComputeTarget
    return cls._of_record(workspace, record)


def put_record(workspace: Workspace, name: str, configuration: AmlComputeProvisioningConfiguration) -> Any:
    """Have the server keep a target, and return it."""
    scale = configuration.scale_settings
    body = {
        "name": name,
        "type": "AmlCompute",
        "properties": {
            "vm_size": configuration.vm_size,
            "vm_priority": configuration.vm_priority,
            "min_nodes": scale.minimum_node_count,
            "max_nodes": scale.maximum_node_count,
            "idle_seconds_before_scaledown": scale.idle_seconds_before_scaledown,
        },
        "tags": text_items(configuration.tags or {}),
        "description": configuration.description or "",
    }
    record = workspace._api.send("PUT", f"/compute/{name}", body, kind=ComputeTargetException)
    return compute_of_record(workspace, record)


def refuse_in_job(what: str) -> None:
    """Raise `ComputeTargetException` in a job."""
    if in_job():
        raise ComputeTargetException(
            f"a job cannot {what}: compute targets are managed from outside of pipelines",
            hint="do it in the program that submits the pipeline",
        )
