"""The settings and the state of an `AmlCompute`, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, Optional

from azud.sdk.exceptions import ComputeTargetException


class ScaleSettings:
    """Between how many nodes a cluster moves, and when idle ones go."""

    def __init__(
        self,
        minimum_node_count: Optional[int],
        maximum_node_count: Optional[int],
        idle_seconds_before_scaledown: Optional[int],
    ) -> None:
        """Keep the numbers."""
        self.minimum_node_count = minimum_node_count
        self.maximum_node_count = maximum_node_count
        self.idle_seconds_before_scaledown = idle_seconds_before_scaledown

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "minNodeCount": self.minimum_node_count,
            "maxNodeCount": self.maximum_node_count,
            "nodeIdleTimeBeforeScaleDown": f"PT{self.idle_seconds_before_scaledown or 0}S",
        }

    @staticmethod
    def deserialize(object_dict: Dict[str, Any]) -> ScaleSettings:
        """Return the settings of their JSON form."""
        idle = str(object_dict.get("nodeIdleTimeBeforeScaleDown") or "PT0S").strip("PTS")
        return ScaleSettings(
            object_dict.get("minNodeCount"), object_dict.get("maxNodeCount"), int(idle) if idle.isdigit() else None
        )


class AmlComputeProvisioningConfiguration:
    """What a new `AmlCompute` shall be."""

    def __init__(
        self,
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
        compute_location: Optional[str] = None,
        enable_node_public_ip: bool = True,
    ) -> None:
        """Keep the settings; those of Azure's networks and accounts have no meaning here.

        Raises:
            ComputeTargetException: `max_nodes` is missing, or the counts contradict each other.
        """
        self.vm_size = vm_size
        self.vm_priority = vm_priority
        self.scale_settings = ScaleSettings(min_nodes, max_nodes, idle_seconds_before_scaledown)
        self.admin_username = admin_username
        self.admin_user_password = admin_user_password
        self.admin_user_ssh_key = admin_user_ssh_key
        self.vnet_resourcegroup_name = vnet_resourcegroup_name
        self.vnet_name = vnet_name
        self.subnet_name = subnet_name
        self.tags = tags
        self.description = description
        self.remote_login_port_public_access = remote_login_port_public_access
        self.identity_type = identity_type
        self.identity_id = identity_id
        self.compute_location = compute_location
        self.enable_node_public_ip = enable_node_public_ip
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check the counts.

        Raises:
            ComputeTargetException: `max_nodes` is missing, or the counts contradict each other.
        """
        lowest, highest = self.scale_settings.minimum_node_count or 0, self.scale_settings.maximum_node_count
        if not isinstance(highest, int) or highest < 1 or not 0 <= lowest <= highest:
            raise ComputeTargetException(
                f"min_nodes={lowest}, max_nodes={highest}: max_nodes must be given, at least 1 and not below min_nodes"
            )
        if str(self.vm_priority).lower() not in ("dedicated", "lowpriority"):
            raise ComputeTargetException(f"vm_priority {self.vm_priority!r}: use 'dedicated' or 'lowpriority'")


class AmlComputeStatus:
    """A cluster at one moment."""

    def __init__(
        self,
        allocation_state: Any,
        allocation_state_transition_time: Any,
        creation_time: Any,
        current_node_count: Any,
        errors: Any,
        modified_time: Any,
        node_state_counts: Any,
        provisioning_state: Any,
        provisioning_state_transition_time: Any,
        scale_settings: Any,
        target_node_count: Any,
        vm_priority: Any,
        vm_size: Any,
    ) -> None:
        """Keep the facts."""
        self.allocation_state = allocation_state
        self.allocation_state_transition_time = allocation_state_transition_time
        self.creation_time = creation_time
        self.current_node_count = current_node_count
        self.errors = errors
        self.modified_time = modified_time
        self.node_state_counts = node_state_counts
        self.provisioning_state = provisioning_state
        self.provisioning_state_transition_time = provisioning_state_transition_time
        self.scale_settings = scale_settings
        self.target_node_count = target_node_count
        self.vm_priority = vm_priority
        self.vm_size = vm_size

    def serialize(self) -> Dict[str, Any]:
        """Return v1's flat JSON form."""
        return {
            "currentNodeCount": self.current_node_count,
            "targetNodeCount": self.target_node_count,
            "nodeStateCounts": dict(self.node_state_counts),
            "allocationState": self.allocation_state,
            "allocationStateTransitionTime": self.allocation_state_transition_time,
            "errors": self.errors,
            "creationTime": self.creation_time,
            "modifiedTime": self.modified_time,
            "provisioningState": self.provisioning_state,
            "provisioningStateTransitionTime": self.provisioning_state_transition_time,
            "scaleSettings": self.scale_settings.serialize(),
            "vmPriority": self.vm_priority,
            "vmSize": self.vm_size,
        }

    @staticmethod
    def deserialize(object_dict: Optional[Dict[str, Any]]) -> Optional[AmlComputeStatus]:
        """Return the status of its JSON form."""
        if not object_dict:
            return None
        get = object_dict.get
        return AmlComputeStatus(
            get("allocationState"),
            get("allocationStateTransitionTime"),
            get("creationTime"),
            get("currentNodeCount"),
            get("errors"),
            get("modifiedTime"),
            get("nodeStateCounts") or {},
            get("provisioningState"),
            get("provisioningStateTransitionTime"),
            ScaleSettings.deserialize(get("scaleSettings") or {}),
            get("targetNodeCount"),
            get("vmPriority"),
            get("vmSize"),
        )

    @staticmethod
    def _of_record(record: Dict[str, Any]) -> AmlComputeStatus:
        status, properties = record["status"], record.get("properties") or {}
        counts = {
            "preparingNodeCount": 0,
            "runningNodeCount": status["running_node_count"],
            "idleNodeCount": status["idle_node_count"],
            "unusableNodeCount": 0,
            "leavingNodeCount": 0,
            "preemptedNodeCount": 0,
        }
        return AmlComputeStatus(
            status["allocation_state"],
            status["allocation_state_transition_at"],
            record.get("created_at"),
            status["current_node_count"],
            None,
            record.get("modified_at"),
            counts,
            record.get("provisioning_state"),
            record.get("modified_at"),
            scale_settings_of(properties),
            status["target_node_count"],
            properties.get("vm_priority"),
            properties.get("vm_size"),
        )


def scale_settings_of(properties: Dict[str, Any]) -> ScaleSettings:
    """Return the scale settings among a compute target's properties."""
    return ScaleSettings(
        properties.get("min_nodes"), properties.get("max_nodes"), properties.get("idle_seconds_before_scaledown")
    )
