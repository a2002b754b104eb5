"""Compute targets: where steps run. `AmlCompute` of any size is this machine's slots, so far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.client.transport import in_job
from azud.sdk.compute_status import (
    AmlComputeProvisioningConfiguration,
    AmlComputeStatus,
    ScaleSettings,
    scale_settings_of,
)
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import not_yet, text_items

if TYPE_CHECKING:
    from typing_extensions import Self

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
    def create(
        workspace: Workspace, name: str, provisioning_configuration: AmlComputeProvisioningConfiguration
    ) -> AmlCompute:
        """Create a compute target and return it.

        Effects: one record on the server; no machine is rented.

        Raises:
            ComputeTargetException: In a job, a reserved name, or settings that contradict each other.
        """
        _refuse_in_job("create a compute target")
        if not isinstance(name, str) or not name or name.lower() in _RESERVED:
            raise ComputeTargetException(f"{name!r} cannot be the name of a compute target")
        if not isinstance(provisioning_configuration, AmlComputeProvisioningConfiguration):
            raise ComputeTargetException(
                f"azud cannot create a compute target of a {type(provisioning_configuration).__name__} yet",
                hint="use AmlCompute.provisioning_configuration",
            )
        provisioning_configuration.validate_configuration()
        return _put(workspace, name, provisioning_configuration)

    @staticmethod
    def list(workspace: Workspace) -> List[ComputeTarget]:
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
    def _of_record(cls, workspace: Workspace, record: Dict[str, Any]) -> Self:
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

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False, **kwargs: Any) -> None:
        """Return when the target is there, which it is once it has been created.

        Args:
            show_output: Print the state.
            is_delete_operation: Accepted as in v1.
            **kwargs: Those of other kinds of targets, as type checkers cannot know the kind of `ComputeTarget(…)`.

        Raises:
            TypeError: One of them is given, and this kind has none.
        """
        if kwargs:
            raise TypeError(f"wait_for_completion() of a {self.type} target has no parameter {min(kwargs)!r}")
        if show_output:
            print(f"{self.name}: {self.get_status()}")

    def delete(self) -> None:
        """Forget the target; runs that it had keep its name.

        Raises:
            ComputeTargetException: In a job, or the target is gone.
        """
        _refuse_in_job("delete a compute target")
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


class AmlCompute(ComputeTarget):
    """A cluster in v1's words: nodes come with work, up to `max_nodes`, and go when they are idle."""

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: int = 0,
        max_nodes: Optional[int] = None,
        idle_seconds_before_scaledown: int = 1800,
        admin_username: Optional[str] = None,
        admin_user_password: Optional[str] = None,
        admin_user_ssh_key: Optional[str] = None,
        vnet_resourcegroup_name: Optional[str] = None,
        vnet_name: Optional[str] = None,
        subnet_name: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        remote_login_port_public_access: str = "NotSpecified",
        identity_type: Optional[str] = None,
        identity_id: Any = None,
        location: Optional[str] = None,
        enable_node_public_ip: bool = True,
    ) -> AmlComputeProvisioningConfiguration:
        """Return what a new cluster shall be, for `ComputeTarget.create`.

        `vm_size` is Azure's name of a machine size (how much of this machine each step gets follows from it),
        `max_nodes` is how many steps run at a time, `min_nodes` stay when idle, and other idle nodes go after
        `idle_seconds_before_scaledown`. Azure's networks, accounts and identities have no meaning here.

        Raises:
            ComputeTargetException: `max_nodes` is missing, or the counts contradict each other.
        """
        return AmlComputeProvisioningConfiguration(
            vm_size,
            vm_priority,
            min_nodes,
            max_nodes,
            idle_seconds_before_scaledown,
            admin_username,
            admin_user_password,
            admin_user_ssh_key,
            vnet_resourcegroup_name,
            vnet_name,
            subnet_name,
            tags,
            description,
            remote_login_port_public_access,
            identity_type,
            identity_id,
            location,
            enable_node_public_ip,
        )

    def wait_for_completion(  # type: ignore[override]
        self,
        show_output: bool = False,
        min_node_count: Optional[int] = None,
        timeout_in_minutes: float = 25,
        is_delete_operation: bool = False,
    ) -> None:
        """Return when the cluster has its nodes, or when the time is up, without an error, as in v1.

        Args:
            show_output: Print the state.
            min_node_count: How many nodes to wait for; the cluster's own minimum by default.
            timeout_in_minutes: How long to wait.
            is_delete_operation: Wait for the cluster's end instead.
        """
        deadline = time.monotonic() + timeout_in_minutes * 60
        if is_delete_operation:
            return
        wanted = _wanted_nodes(self._record, min_node_count)
        pause_s = 0.05
        while True:
            self.refresh_state()
            status = self.status
            if status.current_node_count >= wanted or time.monotonic() + pause_s > deadline:
                break
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 2.0)
        if not show_output:
            return
        print(f"{self.provisioning_state}\nAmlCompute wait for completion finished\n")
        if status.current_node_count >= wanted:
            print("Minimum number of nodes requested have been provisioned")
        else:
            print(f"Wait timeout has been reached: {status.current_node_count} of {wanted} nodes are there")

    @property
    def status(self) -> AmlComputeStatus:
        """The state as it was read last; `get_status()` reads it anew."""
        return AmlComputeStatus._of_record(self._record)

    def get_status(self) -> AmlComputeStatus:
        """Return the cluster's state now."""
        self.refresh_state()
        return self.status

    @property
    def scale_settings(self) -> ScaleSettings:
        """Between how many nodes the cluster moves."""
        return scale_settings_of(self._record.get("properties") or {})

    @property
    def vm_size(self) -> str:
        """Azure's name of the machine size."""
        return str((self._record.get("properties") or {}).get("vm_size") or "")

    @property
    def vm_priority(self) -> str:
        """`dedicated` or `lowpriority`."""
        return str((self._record.get("properties") or {}).get("vm_priority") or "")

    def update(
        self,
        min_nodes: Optional[int] = None,
        max_nodes: Optional[int] = None,
        idle_seconds_before_scaledown: Optional[int] = None,
    ) -> None:
        """Change the scale settings; what is not given stays.

        Raises:
            ComputeTargetException: In a job, or the counts contradict each other.
        """
        _refuse_in_job("change a compute target")
        scale = self.scale_settings
        idle = scale.idle_seconds_before_scaledown
        configuration = AmlComputeProvisioningConfiguration(
            self.vm_size,
            self.vm_priority or "dedicated",
            (scale.minimum_node_count or 0) if min_nodes is None else min_nodes,
            scale.maximum_node_count if max_nodes is None else max_nodes,
            (idle or 0) if idle_seconds_before_scaledown is None else idle_seconds_before_scaledown,
            tags=self.tags,
            description=self.description,
        )
        self._take(_put(self.workspace, self.name, configuration)._record)

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form, status included."""
        found = super().serialize()
        found["properties"]["properties"] = {
            "vmSize": self.vm_size,
            "vmPriority": self.vm_priority,
            "scaleSettings": self.scale_settings.serialize(),
        }
        found["properties"]["status"] = self.status.serialize()
        return found

    detach = not_yet("AmlCompute.detach (use delete)")
    list_nodes = not_yet("AmlCompute.list_nodes")
    get_active_runs = not_yet("AmlCompute.get_active_runs")
    supported_vmsizes = staticmethod(not_yet("AmlCompute.supported_vmsizes"))
    add_identity = not_yet("AmlCompute.add_identity")
    remove_identity = not_yet("AmlCompute.remove_identity")


def compute_of_record(workspace: Workspace, record: Dict[str, Any]) -> ComputeTarget:
    """Return the compute target object for the API's description of one."""
    cls = AmlCompute if record["type"] == "AmlCompute" else ComputeTarget
    return cls._of_record(workspace, record)


def _put(workspace: Workspace, name: str, configuration: AmlComputeProvisioningConfiguration) -> AmlCompute:
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
    return AmlCompute._of_record(workspace, record)


def _wanted_nodes(record: Dict[str, Any], min_node_count: Optional[int]) -> int:
    lowest = (record.get("properties") or {}).get("min_nodes") or 0
    # More than the cluster keeps when idle come only with work, so a wait for them would never end.
    return int(lowest if min_node_count is None else min(min_node_count, lowest))


def _refuse_in_job(what: str) -> None:
    if in_job():
        raise ComputeTargetException(
            f"a job cannot {what}: compute targets are managed from outside of pipelines",
            hint="do it in the program that submits the pipeline",
        )
