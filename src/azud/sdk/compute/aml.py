"""`AmlCompute`: a cluster in v1's words. Of any size it is this machine's slots."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional

from azud.sdk.compute.aml_configuration import (
    AmlComputeProvisioningConfiguration,
    ScaleSettings,
    checked_scale,
    identity,
    scale_settings_of,
)
from azud.sdk.compute.aml_status import AmlComputeStatus
from azud.sdk.compute.checking import whole
from azud.sdk.compute.machine import MachineTarget
from azud.sdk.compute.records import refuse_in_job
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import not_yet


class AmlCompute(MachineTarget):
    """A cluster in v1's words: nodes come with work, up to `max_nodes`, and go when they are idle."""

    _type = "AmlCompute"

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
        `idle_seconds_before_scaledown`. Counts may be texts of digits. Azure's networks, accounts and identities are
        checked and kept, and have no meaning here; passwords and keys are not kept.

        Raises:
            ComputeTargetException: `max_nodes` is missing, or settings contradict each other.
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
        wanted = _wanted_nodes(self._properties, min_node_count)
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
        """The state as it was read last; `get_status()` reads it anew.

        Raises:
            ComputeTargetException: The object was made of a JSON form without a state.
        """
        written = self._record.get("status_json")
        found = AmlComputeStatus.deserialize(written) if written else None
        if found is None and self._record.get("status") is None:
            raise ComputeTargetException(f"the state of {self.name!r} was not read", hint="use get_status()")
        return found or AmlComputeStatus._of_record(self._record)

    def get_status(self) -> AmlComputeStatus:
        """Return the cluster's state now."""
        self.refresh_state()
        return self.status

    @property
    def scale_settings(self) -> ScaleSettings:
        """Between how many nodes the cluster moves."""
        return scale_settings_of(self._properties)

    @property
    def vm_priority(self) -> str:
        """`dedicated` or `lowpriority`, which is a label here."""
        return str(self._properties.get("vm_priority") or "")

    @property
    def identity_type(self) -> Optional[str]:
        """`SystemAssigned`, `UserAssigned` or None; it has no meaning here."""
        return self._properties.get("identity_type")

    @property
    def identity_id(self) -> Optional[List[str]]:
        """The resource ids of user-assigned identities, or None."""
        return self._properties.get("identity_id")

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
        refuse_in_job("change a compute target")
        now = self.scale_settings
        idle = now.idle_seconds_before_scaledown or 0
        scale = checked_scale(
            (now.minimum_node_count or 0) if min_nodes is None else min_nodes,
            now.maximum_node_count if max_nodes is None else max_nodes,
            idle if idle_seconds_before_scaledown is None else idle_seconds_before_scaledown,
        )
        self._change(
            min_nodes=scale.minimum_node_count,
            max_nodes=scale.maximum_node_count,
            idle_seconds_before_scaledown=scale.idle_seconds_before_scaledown,
        )

    def add_identity(self, identity_type: str, identity_id: Optional[List[str]] = None) -> None:
        """Keep an identity with the target; it has no meaning here.

        Raises:
            ComputeTargetException: In a job, no such type, or ids that are missing or too many.
        """
        refuse_in_job("change a compute target")
        added = identity(identity_type, identity_id)
        known = [item for item in self.identity_id or [] if item not in added.get("identity_id", [])]
        ids = [*known, *added.get("identity_id", [])]
        self._change(identity_type=added["identity_type"], identity_id=ids or None)

    def remove_identity(self, identity_id: Optional[List[str]] = None) -> None:
        """Take identities away: those of these ids, or all of them.

        Raises:
            ComputeTargetException: In a job, or the target has none of an id.
        """
        refuse_in_job("change a compute target")
        gone = [identity_id] if isinstance(identity_id, str) else list(identity_id or self.identity_id or [])
        unknown = [item for item in gone if item not in (self.identity_id or [])]
        if unknown:
            raise ComputeTargetException(f"compute target {self.name!r} has no identity {unknown[0]!r}")
        left = [item for item in self.identity_id or [] if item not in gone]
        self._change(identity_type=self.identity_type if left else None, identity_id=left or None)

    def list_nodes(self) -> List[Dict[str, Any]]:
        """Return the nodes that the cluster holds now, each with the run that it works on.

        A node is a slot of this machine: it has a name and a state (`running`, `idle`), and neither address nor port.
        """
        status = self.get_status()
        busy = status.node_state_counts.running_node_count
        holders = (
            [run.id for run in self.get_active_runs() if run.status not in ("NotStarted", "Queued")] if busy else []
        )
        return [
            {
                "nodeId": f"{self.name}-{number}",
                "port": None,
                "publicIpAddress": None,
                "privateIpAddress": None,
                "nodeState": "running" if number < busy else "idle",
                "runId": holders[number] if number < min(busy, len(holders)) else None,
            }
            for number in range(status.current_node_count)
        ]

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form, status included."""
        found = super().serialize()
        if self.identity_type:
            found["identity"] = {"type": self.identity_type, "userAssignedIdentities": self.identity_id}
        has_status = self._record.get("status_json") or self._record.get("status")
        found["properties"]["status"] = self.status.serialize() if has_status else None
        return found

    def _properties_to_json(self) -> Dict[str, Any]:
        found = super()._properties_to_json()
        for name in ("minNodes", "maxNodes", "idleSecondsBeforeScaledown"):
            found.pop(name, None)
        return {**found, "scaleSettings": self.scale_settings.serialize()}

    @classmethod
    def _properties_of_json(cls, found: Mapping[str, Any]) -> Dict[str, Any]:
        scale = ScaleSettings.deserialize(found.get("scaleSettings") or {})
        others = {name: value for name, value in found.items() if name != "scaleSettings"}
        return {
            **super()._properties_of_json(others),
            "min_nodes": scale.minimum_node_count,
            "max_nodes": scale.maximum_node_count,
            "idle_seconds_before_scaledown": scale.idle_seconds_before_scaledown,
        }

    list_usages = staticmethod(not_yet("AmlCompute.list_usages", "quotas"))
    list_quotas = staticmethod(not_yet("AmlCompute.list_quotas", "quotas"))
    update_quotas = staticmethod(not_yet("AmlCompute.update_quotas", "quotas"))


def _wanted_nodes(properties: Mapping[str, Any], min_node_count: Any) -> int:
    lowest = int(properties.get("min_nodes") or 0)
    # More than the cluster keeps when idle come only with work, so a wait for them would never end.
    return lowest if min_node_count is None else min(whole(min_node_count, "min_node_count"), lowest)
