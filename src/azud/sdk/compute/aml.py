"""`AmlCompute`: a cluster in v1's words. Of any size it is this machine's slots, so far."""

from __future__ import annotations

import time
from typing import Any, Dict, Optional

from azud.sdk.compute.aml_status import (
    AmlComputeProvisioningConfiguration,
    AmlComputeStatus,
    ScaleSettings,
    scale_settings_of,
)
from azud.sdk.compute.target import ComputeTarget, put_record, refuse_in_job
from azud.sdk.support import not_yet


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
        refuse_in_job("change a compute target")
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
        self._take(put_record(self.workspace, self.name, configuration)._record)

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


def _wanted_nodes(record: Dict[str, Any], min_node_count: Optional[int]) -> int:
    lowest = (record.get("properties") or {}).get("min_nodes") or 0
    # More than the cluster keeps when idle come only with work, so a wait for them would never end.
    return int(lowest if min_node_count is None else min(min_node_count, lowest))
