"""The state of an `AmlCompute`, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Union

from azud.sdk.compute.aml_configuration import ScaleSettings, scale_settings_of


class AmlComputeNodeStateCounts:
    """How many nodes of a cluster are in which state."""

    def __init__(
        self,
        idle_node_count: int,
        leaving_node_count: int,
        preempted_node_count: int,
        preparing_node_count: int,
        running_node_count: int,
        unusable_node_count: int,
    ) -> None:
        """Keep the counts."""
        self.idle_node_count = idle_node_count
        self.leaving_node_count = leaving_node_count
        self.preempted_node_count = preempted_node_count
        self.preparing_node_count = preparing_node_count
        self.running_node_count = running_node_count
        self.unusable_node_count = unusable_node_count

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "preparingNodeCount": self.preparing_node_count,
            "runningNodeCount": self.running_node_count,
            "idleNodeCount": self.idle_node_count,
            "unusableNodeCount": self.unusable_node_count,
            "leavingNodeCount": self.leaving_node_count,
            "preemptedNodeCount": self.preempted_node_count,
        }

    @staticmethod
    def deserialize(object_dict: Mapping[str, Any]) -> AmlComputeNodeStateCounts:
        """Return the counts of their JSON form; those that are missing are 0."""
        states = ("idle", "leaving", "preempted", "preparing", "running", "unusable")
        return AmlComputeNodeStateCounts(*(int(object_dict.get(f"{state}NodeCount") or 0) for state in states))


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
        node_state_counts: Union[AmlComputeNodeStateCounts, Mapping[str, Any]],
        provisioning_state: Any,
        provisioning_state_transition_time: Any,
        scale_settings: Any,
        target_node_count: Any,
        vm_priority: Any,
        vm_size: Any,
    ) -> None:
        """Keep the facts; the counts may be in their JSON form."""
        self.allocation_state = allocation_state
        self.allocation_state_transition_time = allocation_state_transition_time
        self.creation_time = creation_time
        self.current_node_count = current_node_count
        self.errors = errors
        self.modified_time = modified_time
        if isinstance(node_state_counts, Mapping):
            node_state_counts = AmlComputeNodeStateCounts.deserialize(node_state_counts)
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
            "nodeStateCounts": self.node_state_counts.serialize(),
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
    def deserialize(object_dict: Optional[Mapping[str, Any]]) -> Optional[AmlComputeStatus]:
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
    def _of_record(record: Mapping[str, Any]) -> AmlComputeStatus:
        status, properties = record["status"], record.get("properties") or {}
        # Nodes here are slots of this machine: they need no preparation, and nobody takes them away.
        counts = AmlComputeNodeStateCounts(
            idle_node_count=status["idle_node_count"],
            leaving_node_count=0,
            preempted_node_count=0,
            preparing_node_count=0,
            running_node_count=status["running_node_count"],
            unusable_node_count=0,
        )
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
